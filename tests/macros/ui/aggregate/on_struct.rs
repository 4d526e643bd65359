// The attribute on the struct instead of the block.
use varvedb::prelude::*;

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
pub struct Account {
    balance: u64,
}

fn main() {}
