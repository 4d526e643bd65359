// An id that does not say whom it names.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: u64, #[pii] name: Pii<String> },
}

fn main() {}
