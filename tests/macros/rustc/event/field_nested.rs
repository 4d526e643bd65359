// A list of what cannot be stored.
use varvedb::prelude::*;

pub struct Place;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limit: u64, places: Vec<Place> },
}

fn main() {}
