// A stored name in the wrong letters.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(name = "Opened!")]
    Opened { limit: u64 },
}

fn main() {}
