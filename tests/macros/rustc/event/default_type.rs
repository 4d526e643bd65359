// A default that is not what handlers see of the field.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2)]
    Opened { limit: u64, #[varve(since = 2, default = 7)] currency: String },
}

fn main() {}
