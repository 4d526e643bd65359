// A stream without its name.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream)]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
