// A normalising function of another type.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

fn round(number: &u64) -> String { number.to_string() }

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii(lookup = round)] name: Pii<String> },
}

fn main() {}
