// A handler that returns something else.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn deposited(&mut self, e: AccountDeposited<'_>) -> u64 {
        e.amount
    }
}

fn main() {}
