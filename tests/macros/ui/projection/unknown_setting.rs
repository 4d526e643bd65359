// A misspelt setting.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(nmae = "balances")]
impl Balances {
    #[on]
    fn opened(&mut self, _: AccountOpened<'_>) {}
}

fn main() {}
