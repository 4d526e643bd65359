// A checkpoint for tables, which have their own.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances", resume)]
impl Balances {
    #[on]
    fn opened(&self, _: AccountOpened<'_>, _: &mut Tables<'_>) {}
}

fn main() {}
