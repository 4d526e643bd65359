// Two fields of an old layout under one name.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    limit: u64,
    #[varve(name = "limit")]
    most: u64,
}

fn main() {}
