//! The account that cases about blocks are about: everything in it is right.

use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
pub struct AccountId(pub u64);

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: AccountId, limit: u64 },
    Deposited { #[stream_id] id: AccountId, amount: u64 },
}

#[derive(Debug)]
pub struct BankError;
