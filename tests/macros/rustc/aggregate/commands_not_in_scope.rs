// A command on a root, without the trait that has it.
#[path = "../../kit/account.rs"]
mod account;
use bank::Account;
use varvedb::prelude::*;

mod bank {
    use super::account::*;
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
        pub fn deposit(&self, _amount: u64) -> Result<AccountEvent, BankError> {
            Err(BankError)
        }
    }
}

pub fn pay(account: &mut Root<Account>) {
    account.deposit(5);
}

fn main() {}
