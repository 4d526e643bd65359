// Events that do not say to which stream they belong.
use varvedb::prelude::*;

#[derive(VarveEvent)]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
