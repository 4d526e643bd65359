// A duration without a unit.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Account {
    balance: u64,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError, snapshot(after_replay = "5"))]
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
