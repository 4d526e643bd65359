// A generic old layout.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1<T> {
    limit: T,
}

fn main() {}
