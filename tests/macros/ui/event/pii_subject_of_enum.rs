// A subject that not every variant has.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person", subject = who)]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii] name: Pii<String> },
    Moved { #[stream_id] id: PersonId, who: PersonId, #[pii] to: Pii<String> },
}

fn main() {}
