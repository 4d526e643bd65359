// Personal data of somebody who is named by personal data.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] id: PersonId, #[pii(subject = mail)] name: Pii<String>, #[pii] mail: Pii<String> },
}

fn main() {}
