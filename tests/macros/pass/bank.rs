//! The bank: ids, events, an aggregate and a projection, as a user writes them.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(pub u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: AccountId, owner: String, limit: u64 },
    Deposited { #[stream_id] id: AccountId, amount: u64 },
    Closed { #[stream_id] id: AccountId },
}

fn main() {
    let event = AccountEvent::Opened { id: AccountId(1), owner: "x".into(), limit: 1 };
    let AccountEventView::Opened(AccountOpened { owner, .. }) = varvedb::Event::view(&event) else { panic!() };
    assert_eq!(owner, "x");
}
