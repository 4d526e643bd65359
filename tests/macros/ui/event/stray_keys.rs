// Keys that are known, but elsewhere.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", alias = "konto")]
pub enum AccountEvent {
    #[varve(retired("frozen"))]
    Opened { limit: u64 },
    #[varve(since = 2)]
    Closed { at: u64 },
    Noted {
        #[varve(revision = 2)]
        text: String,
    },
}

fn main() {}
