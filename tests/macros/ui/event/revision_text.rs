// A revision that is no number.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = "1")]
    Opened { limit: u64 },
}

fn main() {}
