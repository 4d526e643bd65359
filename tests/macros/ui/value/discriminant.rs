// A variant with a number.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Colour {
    Red = 4,
}

fn main() {}
