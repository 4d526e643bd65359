// A former name that is the present one, and one that is said twice.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(alias = "opened")]
    Opened { limit: u64 },
    #[varve(alias("shut", "shut"))]
    Closed { at: u64 },
}

fn main() {}
