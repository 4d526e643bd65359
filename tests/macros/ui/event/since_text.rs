// A revision that is no number, and a default that is nothing.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, #[varve(since = "2", default)] currency: String },
}

fn main() {}
