// What is said of events, said of what is kept.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveValue)]
pub struct Entry { id: PersonId, #[pii(subject = id, fallback = "nobody", lookup = lower)] name: Pii<String> }

fn main() {}
