// The attribute on the struct instead of the block.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
pub struct Account {
    balance: u64,
}

fn main() {}
