// Personal data inside a value that is stored in the clear.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, names: Vec<(String, Pii<String>)> },
}

fn main() {}
