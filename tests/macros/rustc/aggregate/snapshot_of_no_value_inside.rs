// A state with a field that cannot be archived.
#[path = "../../kit/account.rs"]
mod account;
use account::*;
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Account {
    balance: u64,
    cache: std::collections::HashMap<u64, u64>,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError, snapshot(every = 500))]
impl Account {
    #[apply]
    fn opened(_: AccountOpened<'_>) -> Self {
        Self { balance: 0, cache: Default::default() }
    }

    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>) {
        self.balance += e.amount;
    }
}

fn main() {}
