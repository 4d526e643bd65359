// A variant with a number.
use varvedb::prelude::*;

#[derive(VarveValue, Clone, Debug)]
pub enum Colour {
    Red = 4,
}

fn main() {}
