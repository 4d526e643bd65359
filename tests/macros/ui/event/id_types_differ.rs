// Two variants name their stream by ids of different types.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: u64 },
    Deposited { #[stream_id] id: uuid::Uuid, amount: u64 },
}

fn main() {}
