// A mark for personal data, with an argument that it does not know.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct AccountId(u64);

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { #[stream_id] id: AccountId, #[pii(always)] owner: Pii<String> },
}

fn main() {}
