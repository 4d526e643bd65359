// An id with a type parameter.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
pub struct AccountId<T>(T);

fn main() {}
