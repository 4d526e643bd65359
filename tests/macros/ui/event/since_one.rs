// A field that every stored event has.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, #[varve(since = 1, default = "EUR")] currency: String },
}

fn main() {}
