// An id without one of the derives that every id needs.
use varvedb::prelude::*;

#[derive(VarveId, Clone, PartialEq)]
pub struct AccountId(u64);

fn main() {}
