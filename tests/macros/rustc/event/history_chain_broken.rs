// Three layouts and one step between them.
use varvedb::prelude::*;

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveRevision)]
pub struct OpenedV2 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 3, history(OpenedV1, OpenedV2))]
    Opened { limit: u64 },
}

impl<'a> Upcast<'a, OpenedV2View<'a>> for AccountOpened<'a> {
    fn upcast(old: OpenedV2View<'a>, _: &'a Scratch) -> Self {
        AccountOpened { limit: old.cents }
    }
}

fn main() {}
