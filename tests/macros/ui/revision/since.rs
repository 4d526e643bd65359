// An old layout that has revisions itself.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    #[varve(since = 2, default = 0)]
    limit: u64,
}

fn main() {}
