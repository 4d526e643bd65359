// A former name that is the present one of another, and one that two had.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(alias = "closed")]
    Opened { limit: u64 },
    #[varve(alias("shut", "begun"))]
    Closed { at: u64 },
    #[varve(alias = "begun")]
    Frozen { at: u64 },
}

fn main() {}
