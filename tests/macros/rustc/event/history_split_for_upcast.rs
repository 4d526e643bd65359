// A split that was not announced.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(OpenedV1))]
    Opened { limit: u64 },
}

impl<'a> Split<'a, OpenedV1View<'a>> for AccountEventView<'a> {
    fn split(old: OpenedV1View<'a>, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
        [Self::Opened(AccountOpened { limit: old.cents })]
    }
}

fn main() {}
