// A revision before the first.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = -2)]
    Opened { limit: u64 },
}

fn main() {}
