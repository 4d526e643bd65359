// A retired type that is still there.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", retired("closed", "opened"))]
pub enum AccountEvent {
    Opened { limit: u64 },
}

fn main() {}
