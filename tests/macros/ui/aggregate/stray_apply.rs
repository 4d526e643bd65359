// A mark outside of its block.
use varvedb::prelude::*;

pub struct Account;

impl Account {
    #[apply]
    pub fn deposit(&self) {}
}

fn main() {}
