// A field of a type that cannot be stored.
use varvedb::prelude::*;

pub struct Place;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, place: Place },
}

fn main() {}
