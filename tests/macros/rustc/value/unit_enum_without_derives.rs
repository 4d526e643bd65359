// An enum without fields is its own view, which can be cloned and shown.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Colour {
    Red,
}

fn main() {}
