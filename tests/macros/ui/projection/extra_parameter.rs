// A handler that wants more than there is.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&mut self, _: AccountOpened<'_>, _at: u64) {}
}

fn main() {}
