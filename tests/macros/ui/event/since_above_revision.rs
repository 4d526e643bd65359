// A field of a revision that there is not yet.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { limit: u64, #[varve(since = 2, default = "EUR")] currency: String, #[varve(since = 3, default = 0)] fee: u64 },
}

fn main() {}
