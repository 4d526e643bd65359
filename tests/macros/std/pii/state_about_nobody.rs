// A state with personal data, of an aggregate whose id names nobody.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "note", subject = person)]
pub enum NoteEvent {
    Taken { #[stream_id] id: u64, person: PersonId, #[pii] text: Pii<String> },
}

#[derive(VarveValue)]
pub struct Note { #[pii] text: Pii<String> }

#[aggregate(id = u64, event = NoteEvent, error = std::convert::Infallible, snapshot(every = 2))]
impl Note {
    #[apply]
    fn taken(event: NoteTaken<'_>) -> Self {
        Self { text: event.text.to_pii() }
    }
}

fn main() {}
