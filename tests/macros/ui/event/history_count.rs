// One older layout too few, none at all, and one too many.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 3, history(OpenedV1))]
    Opened { limit: u64 },
    #[varve(revision = 2, history())]
    Closed { at: u64 },
    #[varve(revision = 1, history(OpenedV1))]
    Frozen { at: u64 },
}

fn main() {}
