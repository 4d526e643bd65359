// A stream named inside a value.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Line {
    #[stream_id]
    sku: u64,
}

fn main() {}
