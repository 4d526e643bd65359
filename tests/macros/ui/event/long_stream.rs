// A stream with a name longer than 64 bytes.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account_account_account_account_account_account_account_account_account_")]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
