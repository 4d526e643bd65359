// A former name that is not said.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(alias)]
    Opened { limit: u64 },
}

fn main() {}
