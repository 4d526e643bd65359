// Older layouts by names in quotes.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history("OpenedV1"))]
    Opened { limit: u64 },
}

fn main() {}
