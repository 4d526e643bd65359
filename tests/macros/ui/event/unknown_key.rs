// A misspelt key.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(nmae = "opened_first")]
    Opened { limit: u64 },
}

fn main() {}
