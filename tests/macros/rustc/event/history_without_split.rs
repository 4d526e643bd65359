// A layout that is split, and nothing that says into what.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(split(OpenedV1)))]
    Opened { limit: u64 },
}

fn main() {}
