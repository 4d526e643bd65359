// What is said of one datum, said of many.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii(fallback = None)] name: Option<Pii<String>>, #[pii(lookup = lower)] phones: Vec<Pii<String>> },
}

fn main() {}
