// Two fields under one stored name.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Line {
    sku: u64,
    #[varve(name = "sku")]
    number: u64,
}

fn main() {}
