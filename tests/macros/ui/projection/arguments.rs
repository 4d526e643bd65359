// A mark with arguments.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on(Opened)]
    fn opened(&mut self, _: AccountOpened<'_>) {}
}

fn main() {}
