// A split without the layout that it is of, alone and beside one.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(split))]
    Opened { limit: u64 },
    #[varve(revision = 3, history(OpenedV1, split))]
    Closed { at: u64 },
}

fn main() {}
