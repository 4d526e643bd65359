// A mark with arguments.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id(first)] id: u64 },
}

fn main() {}
