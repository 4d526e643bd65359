//! The bank: ids, events, an aggregate and a projection, as a user writes them.

use std::collections::BTreeMap;

use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(pub u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: AccountId, owner: String, limit: u64 },
    Deposited { #[stream_id] id: AccountId, amount: u64 },
    Withdrawn { #[stream_id] id: AccountId, amount: u64 },
    Closed { #[stream_id] id: AccountId },
}

#[derive(Debug, PartialEq)]
pub enum BankError {
    ZeroAmount,
    Insufficient { left: u64 },
}

#[derive(Debug)]
pub struct Account { id: AccountId, owner: String, balance: u64, limit: u64, is_open: bool }

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl Account {
    #[command]
    pub fn open(id: AccountId, owner: String, limit: u64) -> Result<AccountEvent, BankError> {
        Ok(AccountEvent::Opened { id, owner, limit })
    }

    #[command]
    pub fn deposit(&self, amount: u64) -> Result<AccountEvent, BankError> {
        if amount == 0 { return Err(BankError::ZeroAmount); }
        Ok(AccountEvent::Deposited { id: self.id, amount })
    }

    #[command]
    pub fn withdraw(&self, amount: u64) -> Result<AccountEvent, BankError> {
        let left = self.balance + self.limit;
        if amount > left { return Err(BankError::Insufficient { left }); }
        Ok(AccountEvent::Withdrawn { id: self.id, amount })
    }

    #[command]
    pub fn close(&self) -> Result<Option<AccountEvent>, BankError> {
        Ok(self.is_open.then_some(AccountEvent::Closed { id: self.id }))
    }

    #[apply]
    fn opened(e: AccountOpened<'_>) -> Self {
        Self { id: e.id, owner: e.owner.to_owned(), balance: 0, limit: e.limit, is_open: true }
    }

    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>) { self.balance += e.amount; }

    #[apply]
    fn withdrawn(&mut self, e: AccountWithdrawn<'_>, _: &Meta) { self.balance -= e.amount; }

    #[apply]
    fn closed(&mut self, _: AccountClosed<'_>) { self.is_open = false; }

    pub fn owner(&self) -> &str { &self.owner }
}

#[derive(Default)]
pub struct Balances(pub BTreeMap<AccountId, u64>);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&mut self, e: AccountOpened<'_>) { self.0.insert(e.id, 0); }

    #[on]
    fn deposited(&mut self, e: AccountDeposited<'_>, _: &Meta) -> Result<(), BankError> {
        *self.0.entry(e.id).or_default() += e.amount;
        Ok(())
    }

    #[on]
    fn withdrawn(&mut self, e: AccountWithdrawn<'_>) { *self.0.entry(e.id).or_default() -= e.amount; }
}

impl std::fmt::Display for BankError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{self:?}") }
}
impl std::error::Error for BankError {}

fn main() {
    let event = Account::open(AccountId(1), "Ada".into(), 5).unwrap();
    let AccountEventView::Opened(AccountOpened { owner, .. }) = varvedb::Event::view(&event) else {
        panic!("the view of another variant");
    };
    assert_eq!(owner, "Ada");
    let commands: fn(&mut Root<Account>, u64) -> _ = AccountCommands::deposit;
    let _ = (commands, AccountCommand::Deposit { amount: 5 });
}
