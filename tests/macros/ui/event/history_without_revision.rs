// Older layouts of the first revision.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(history(OpenedV1))]
    Opened { limit: u64 },
}

fn main() {}
