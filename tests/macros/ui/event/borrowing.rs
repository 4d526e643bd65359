// An event with a lifetime.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent<'a> {
    Opened { owner: &'a str },
}

fn main() {}
