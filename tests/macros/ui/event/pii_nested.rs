// `Pii` where it cannot be sealed.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii] name: (Pii<String>, u8), #[pii] more: Box<Pii<String>> },
}

fn main() {}
