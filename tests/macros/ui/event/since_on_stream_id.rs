// A stream id that came later.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { #[varve(since = 2, default = 1)] #[stream_id] id: u64, limit: u64 },
}

fn main() {}
