// A stream named by a type that is no stream id.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: String },
}

fn main() {}
