// An id that is an enum.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
pub enum AccountId {
    Number(u64),
}

fn main() {}
