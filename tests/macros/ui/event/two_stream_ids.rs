// A variant that names two streams.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Moved { #[stream_id] from: u64, #[stream_id] to: u64 },
}

fn main() {}
