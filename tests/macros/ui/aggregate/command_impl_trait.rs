// A parameter whose type has no name.
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
    fn deposited(&mut self, e: AccountDeposited<'_>) {
        self.balance += e.amount;
    }

    #[command]
    fn rename(&self, _name: impl Into<String>) -> Result<AccountEvent, BankError> {
        Err(BankError)
    }
}

fn main() {}
