// A value with personal data, in an event where it would be clear.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveValue)]
#[varve(subject = id)]
pub struct Entry { id: PersonId, #[pii] name: Pii<String> }

#[derive(VarveEvent)]
#[varve(stream = "note")]
pub enum NoteEvent {
    Taken { entry: Entry },
}

fn main() {}
