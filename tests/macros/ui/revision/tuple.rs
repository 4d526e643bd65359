// An old layout without names.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1(u64);

fn main() {}
