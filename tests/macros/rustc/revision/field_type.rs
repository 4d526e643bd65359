// A field of an old layout that cannot be stored.
use varvedb::prelude::*;

pub struct Place;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    place: Place,
}

fn main() {}
