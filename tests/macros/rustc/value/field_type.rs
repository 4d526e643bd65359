// A field of a type that cannot be stored.
use varvedb::prelude::*;

pub struct Place;

#[derive(VarveValue)]
pub struct Line {
    sku: String,
    place: Place,
}

fn main() {}
