// A split into the views of another enum.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(split(OpenedV1)))]
    Opened { limit: u64 },
}

#[derive(VarveEvent)]
#[varve(stream = "card")]
pub enum CardEvent {
    Issued { limit: u64 },
}

impl<'a> Split<'a, OpenedV1View<'a>> for CardEventView<'a> {
    fn split(old: OpenedV1View<'a>, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
        [Self::Issued(CardIssued { limit: old.cents })]
    }
}

fn main() {}
