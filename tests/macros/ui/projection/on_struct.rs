// The attribute on the struct instead of the block.
#[path = "../../kit/account.rs"]
mod account;
use varvedb::prelude::*;

#[projection(name = "balances")]
pub struct Balances(u64);

fn main() {}
