// Personal data, which this version would store in the clear.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[pii] owner: String },
}

fn main() {}
