// A stream that is not a text.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = account)]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
