// A misspelt key that would otherwise be missing.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(steam = "account")]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
