// An id around two values.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
pub struct AccountId(u64, u64);

fn main() {}
