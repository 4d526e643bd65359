// Several mistakes are shown at once.
use varvedb::prelude::*;

#[derive(VarveEvent)]
pub enum AccountEvent {
    Opened(u64),
    #[varve(nmae = "ended")]
    Closed { why: &'static str },
}

fn main() {}
