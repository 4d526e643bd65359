// A command that decides something else.
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
    fn deposit(&self, amount: u64) -> Result<u64, BankError> {
        Ok(amount)
    }
}

fn main() {}
