// Parentheses without settings.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii()] name: Pii<String> },
}

fn main() {}
