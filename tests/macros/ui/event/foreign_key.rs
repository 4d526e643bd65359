// A key that is like no other.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(colour = "red")]
    Opened { limit: u64 },
}

fn main() {}
