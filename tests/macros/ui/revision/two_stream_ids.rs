// An old layout with two ids.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    #[stream_id]
    id: u64,
    #[stream_id]
    other: u64,
}

fn main() {}
