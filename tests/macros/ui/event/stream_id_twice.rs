// A mark that is given twice.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] #[stream_id] id: u64 },
}

fn main() {}
