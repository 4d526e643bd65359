// The attribute on the struct instead of the block.
use varvedb::prelude::*;

#[projection(name = "balances")]
pub struct Balances(u64);

fn main() {}
