// Another id than the events have.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

pub struct Account {
    balance: u64,
}

#[aggregate(id = u64, event = AccountEvent, error = BankError)]
impl Account {
    #[apply]
    fn opened(_: AccountOpened<'_>) -> Self {
        Self { balance: 0 }
    }

    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>) {
        self.balance += e.amount;
    }
}

fn main() {}
