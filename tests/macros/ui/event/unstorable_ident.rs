// A name in Rust that cannot be a stored name.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { größe: u64 },
}

fn main() {}
