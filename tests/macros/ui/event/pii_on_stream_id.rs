// Personal data as the name of a stream.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] #[pii] id: u64 },
}

fn main() {}
