// A split of nothing, and of two at once.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(split()))]
    Opened { limit: u64 },
    #[varve(revision = 3, history(split(OpenedV1, OpenedV1)))]
    Closed { at: u64 },
}

fn main() {}
