// A mark outside of its block.
use varvedb::prelude::*;

pub struct Balances;

impl Balances {
    #[on]
    pub fn opened(&self) {}
}

fn main() {}
