// A field of a revision before the first.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { limit: u64, #[varve(since = 0, default = "EUR")] currency: String },
}

fn main() {}
