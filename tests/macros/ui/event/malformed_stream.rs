// A stream with a name that no store takes.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "My Account")]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
