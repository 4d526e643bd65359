// An attribute that says nothing.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve]
    Opened { limit: u64 },
}

fn main() {}
