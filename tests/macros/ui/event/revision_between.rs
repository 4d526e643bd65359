// A third revision explained, and the second not.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 3)]
    Opened { limit: u64, #[varve(since = 3, default = "EUR")] currency: String },
}

fn main() {}
