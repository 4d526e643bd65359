// A field that came later, which this version does not know.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, #[varve(since = 2, default = "EUR")] currency: String },
}

fn main() {}
