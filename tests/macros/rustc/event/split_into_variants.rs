// A split that gives the view of one variant instead of the enum.
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

impl<'a> Split<'a, OpenedV1View<'a>> for AccountEventView<'a> {
    fn split(old: OpenedV1View<'a>, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
        [AccountOpened { limit: old.cents }]
    }
}

fn main() {}
