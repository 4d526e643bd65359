// A projection with a name that no store takes.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "My Balances")]
impl Balances {
    #[on]
    fn opened(&mut self, _: AccountOpened<'_>) {}
}

fn main() {}
