// A field that borrows.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { owner: &'static str },
}

fn main() {}
