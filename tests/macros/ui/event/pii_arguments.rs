// A mark for personal data, with arguments.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[pii(always)] owner: String },
}

fn main() {}
