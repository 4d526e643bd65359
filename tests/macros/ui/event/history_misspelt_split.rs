// Another word than `split`.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(parts(OpenedV1)))]
    Opened { limit: u64 },
}

fn main() {}
