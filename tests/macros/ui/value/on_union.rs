// A union as a value.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub union Line {
    sku: u64,
}

fn main() {}
