// Two fields under one stored name.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, #[varve(name = "limit")] most: u64 },
}

fn main() {}
