// An event with a type parameter.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent<T> {
    Opened { value: T },
}

fn main() {}
