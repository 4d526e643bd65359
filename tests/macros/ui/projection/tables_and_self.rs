// A handler that changes itself, beside one with tables.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&self, _: AccountOpened<'_>, _: &mut Tables<'_>) {}

    #[on]
    fn deposited(&mut self, _: AccountDeposited<'_>) {}
}

fn main() {}
