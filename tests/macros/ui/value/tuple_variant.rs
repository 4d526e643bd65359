// A variant whose fields have no names.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Gift {
    No,
    Wrapped(String),
}

fn main() {}
