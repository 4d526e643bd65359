// An id around a value that cannot be a key.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
pub struct AccountId(i32);

fn main() {}
