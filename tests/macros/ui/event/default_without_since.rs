// A default for a field that was always there.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { limit: u64, #[varve(default = "EUR")] currency: String },
}

fn main() {}
