// Names as they are stored in full, with the stream's before them.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", retired("account.frozen"))]
pub enum AccountEvent {
    #[varve(alias = "account.created")]
    Opened { limit: u64 },
    #[varve(name = "account.shut")]
    Closed { at: u64 },
}

fn main() {}
