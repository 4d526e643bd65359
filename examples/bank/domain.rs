//! The bank itself: all that VarveDB is told about it. Amounts are in hellers, 100 to a crown.

use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(pub u64);

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
#[varve(subject = "client")]
pub struct ClientId(pub u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "account", subject = client)]
pub enum AccountEvent {
    Opened { #[stream_id] id: AccountId, client: ClientId, #[pii] owner: Pii<String>, #[pii] birth_number: Pii<String>, overdraft: i64 },
    Deposited { #[stream_id] id: AccountId, amount: i64, text: String },
    Withdrawn { #[stream_id] id: AccountId, amount: i64, text: String },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum BankError {
    #[error("amounts are positive")]
    NotPositive,
    #[error("only {0} hellers left to spend")]
    Insufficient(i64),
}

pub struct Account { id: AccountId, pub owner: Pii<String>, pub balance: i64, overdraft: i64 }

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl Account {
    #[command]
    pub fn open(id: AccountId, client: ClientId, owner: Pii<String>, birth_number: Pii<String>, overdraft: i64) -> Result<AccountEvent, BankError> {
        Ok(AccountEvent::Opened { id, client, owner, birth_number, overdraft })
    }
    #[command]
    pub fn deposit(&self, amount: i64, text: String) -> Result<AccountEvent, BankError> {
        if amount <= 0 { return Err(BankError::NotPositive); }
        Ok(AccountEvent::Deposited { id: self.id, amount, text })
    }
    #[command]
    pub fn withdraw(&self, amount: i64, text: String) -> Result<AccountEvent, BankError> {
        if amount <= 0 { return Err(BankError::NotPositive); }
        let left = self.balance + self.overdraft;
        if amount > left { return Err(BankError::Insufficient(left)); }
        Ok(AccountEvent::Withdrawn { id: self.id, amount, text })
    }
    #[apply]
    fn opened(e: AccountOpened<'_>) -> Self { Account { id: e.id, owner: e.owner.to_pii(), balance: 0, overdraft: e.overdraft } }
    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>) { self.balance += e.amount; }
    #[apply]
    fn withdrawn(&mut self, e: AccountWithdrawn<'_>) { self.balance -= e.amount; }
}

pub struct Balances;
pub const BALANCES: Table<AccountId, i64> = Table::new("balances");

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&self, e: AccountOpened<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> { tables.put(BALANCES, &e.id, &0) }
    #[on]
    fn deposited(&self, e: AccountDeposited<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> { tables.update(BALANCES, &e.id, |b| *b += e.amount) }
    #[on]
    fn withdrawn(&self, e: AccountWithdrawn<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> { tables.update(BALANCES, &e.id, |b| *b -= e.amount) }
}
