// An id with a named field.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
pub struct AccountId {
    number: u64,
}

fn main() {}
