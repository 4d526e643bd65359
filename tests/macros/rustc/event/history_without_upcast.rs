// An older layout that nobody turns into the next.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(OpenedV1))]
    Opened { limit: u64 },
}

fn main() {}
