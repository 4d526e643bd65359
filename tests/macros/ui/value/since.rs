// A value with a revision of its own.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Money {
    cents: u64,
    #[varve(since = 2, default = "EUR")]
    currency: String,
}

fn main() {}
