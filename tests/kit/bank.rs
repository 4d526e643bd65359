//! A small bank, for stories about aggregates and projections.

use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(pub u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened {
        #[stream_id]
        id: AccountId,
        owner: String,
    },
    Deposited {
        #[stream_id]
        id: AccountId,
        amount: u64,
    },
    Withdrawn {
        #[stream_id]
        id: AccountId,
        amount: u64,
    },
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BankError {
    #[error("only {left} left to spend")]
    Insufficient { left: u64 },
    #[error("the clerk made a mistake")]
    Mistake,
}

#[derive(Debug, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub owner: String,
    pub balance: u64,
    pub last_change: varvedb::Timestamp,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl Account {
    #[command]
    pub fn open(id: AccountId, owner: String) -> Result<AccountEvent, BankError> {
        Ok(AccountEvent::Opened { id, owner })
    }

    #[command]
    pub fn deposit(&self, amount: u64) -> Result<AccountEvent, BankError> {
        Ok(AccountEvent::Deposited {
            id: self.id,
            amount,
        })
    }

    #[command]
    pub fn withdraw(&self, amount: u64) -> Result<AccountEvent, BankError> {
        if amount > self.balance {
            return Err(BankError::Insufficient { left: self.balance });
        }
        Ok(AccountEvent::Withdrawn {
            id: self.id,
            amount,
        })
    }

    /// Takes everything out, if there is anything.
    #[command]
    pub fn empty(&self) -> Result<Option<AccountEvent>, BankError> {
        let all = AccountEvent::Withdrawn {
            id: self.id,
            amount: self.balance,
        };
        Ok((self.balance > 0).then_some(all))
    }

    /// Pays in and out again, by two events.
    #[command]
    pub fn churn(&self, amount: u64) -> Result<[AccountEvent; 2], BankError> {
        let id = self.id;
        Ok([
            AccountEvent::Deposited { id, amount },
            AccountEvent::Withdrawn { id, amount },
        ])
    }

    /// Decides an event for another account.
    #[command]
    pub fn misdirect(&self) -> Result<AccountEvent, BankError> {
        Ok(AccountEvent::Deposited {
            id: AccountId(self.id.0 + 1),
            amount: 1,
        })
    }

    #[apply]
    fn opened(e: AccountOpened<'_>, meta: &Meta<'_>) -> Self {
        let (owner, last_change) = (e.owner.to_owned(), meta.time());
        Self {
            id: e.id,
            owner,
            balance: 0,
            last_change,
        }
    }

    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>, meta: &Meta<'_>) {
        self.balance += e.amount;
        self.last_change = meta.time();
    }

    #[apply]
    fn withdrawn(&mut self, e: AccountWithdrawn<'_>) {
        self.balance -= e.amount;
    }
}
