// A new field, and nobody knows what older events have in its place.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { limit: u64, #[varve(since = 2)] currency: String },
}

fn main() {}
