// A handler that wants more than there is.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

pub struct Account {
    balance: u64,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl Account {
    #[apply]
    fn opened(_: AccountOpened<'_>) -> Self {
        Self { balance: 0 }
    }

    #[apply]
    fn deposited(&mut self, _: AccountDeposited<'_>, _at: u64) {}
}

fn main() {}
