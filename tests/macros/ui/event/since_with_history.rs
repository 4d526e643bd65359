// Both ways to say how older revisions are read.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(OpenedV1))]
    Opened { limit: u64, #[varve(since = 2, default = "EUR")] currency: String },
}

fn main() {}
