// A stored name for what is not stored.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] #[varve(name = "account")] id: u64 },
}

fn main() {}
