// An old layout of an enum.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub enum OpenedV1 {
    Opened { limit: u64 },
}

fn main() {}
