// An id without the derives that every id needs.
use varvedb::prelude::*;

#[derive(VarveId)]
pub struct AccountId(u64);

fn main() {}
