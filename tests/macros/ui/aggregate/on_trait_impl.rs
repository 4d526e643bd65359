// The attribute on the impl of a trait.
use varvedb::prelude::*;

pub struct Account {
    balance: u64,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl Default for Account {
    fn default() -> Self {
        Self { balance: 0 }
    }
}

fn main() {}
