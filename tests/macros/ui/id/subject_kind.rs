// A kind of person that is no name.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "A person")]
pub struct PersonId(u64);

fn main() {}
