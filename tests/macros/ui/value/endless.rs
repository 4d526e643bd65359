// A struct that contains itself.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Tree {
    children: Vec<Tree>,
}

fn main() {}
