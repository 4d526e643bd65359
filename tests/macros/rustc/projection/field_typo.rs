// A misspelt field of an event.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn deposited(&mut self, e: AccountDeposited<'_>) {
        self.0 += e.amuont;
    }
}

fn main() {}
