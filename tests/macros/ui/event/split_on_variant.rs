// A split beside the history instead of in it.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(split(OpenedV1))]
    Opened { limit: u64 },
}

fn main() {}
