// A former name that no event can have had.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(alias = "Account Opened")]
    Opened { limit: u64 },
}

fn main() {}
