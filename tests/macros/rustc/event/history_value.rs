// An older layout that derives the wrong thing, and is upcast as if it were one.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct OpenedV1 {
    cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(OpenedV1))]
    Opened { limit: u64 },
}

impl<'a> Upcast<'a, OpenedV1View<'a>> for AccountOpened<'a> {
    fn upcast(old: OpenedV1View<'a>, _: &'a Scratch) -> Self {
        Self { limit: old.cents }
    }
}

fn main() {}
