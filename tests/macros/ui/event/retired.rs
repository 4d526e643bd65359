// Retired types, which this version does not know.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", retired("reopened"))]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
