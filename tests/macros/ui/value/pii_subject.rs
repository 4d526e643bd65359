// Somebody whom no field names, and somebody who is named by personal data.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveValue)]
pub struct Entry { id: PersonId, #[pii(subject = friend)] name: Pii<String>, #[pii(subject = name)] mail: Pii<String> }

fn main() {}
