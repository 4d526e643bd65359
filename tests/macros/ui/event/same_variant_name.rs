// Two variants under one stored name.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64 },
    #[varve(name = "opened")]
    Reopened { limit: u64 },
}

fn main() {}
