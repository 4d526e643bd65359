// A key that ids do not have.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(stream = "account")]
pub struct AccountId(u64);

fn main() {}
