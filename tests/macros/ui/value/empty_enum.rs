// An enum without variants as a value.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Gift {}

fn main() {}
