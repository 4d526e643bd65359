// A variant whose fields have no names.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened(u64),
}

fn main() {}
