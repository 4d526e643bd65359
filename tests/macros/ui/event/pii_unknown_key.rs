// A setting that is misspelt, and one that is given twice.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii(purpos = "a", subject = id, subject = id)] name: Pii<String> },
}

fn main() {}
