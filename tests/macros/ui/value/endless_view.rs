// An enum that contains itself in a box.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Tree {
    Leaf,
    Node { left: Option<Box<Tree>> },
}

fn main() {}
