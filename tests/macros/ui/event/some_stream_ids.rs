// Only some variants name their stream.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: u64 },
    Deposited { amount: u64 },
    Closed,
}

fn main() {}
