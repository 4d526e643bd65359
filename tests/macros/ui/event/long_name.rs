// A stored name longer than 128 bytes, with its stream.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(name = "opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_")]
    Opened { limit: u64 },
}

fn main() {}
