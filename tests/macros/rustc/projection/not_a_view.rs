// A handler of something that is no event.
use varvedb::prelude::*;

#[derive(Default)]
pub struct Balances(u64);

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&mut self, _: String) {}
}

fn main() {}
