// A value with a type parameter.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Line<T> {
    sku: T,
}

fn main() {}
