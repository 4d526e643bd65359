// Retired types without names.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", retired)]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
