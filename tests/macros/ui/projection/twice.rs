// A second handler for an event.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&mut self, _: AccountOpened<'_>) {}

    #[on]
    fn again(&mut self, _: AccountOpened) {}
}

fn main() {}
