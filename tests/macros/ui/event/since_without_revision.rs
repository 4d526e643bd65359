// A new field, and the revision is still the first.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, #[varve(since = 2, default = "EUR")] currency: String },
}

fn main() {}
