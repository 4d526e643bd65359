// A field whose width differs between machines.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { count: usize },
}

fn main() {}
