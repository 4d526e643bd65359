//! Settings that stand below each other, each with a comma behind it.

use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(
    stream = "account",
    retired("frozen", "thawed",),
)]
pub enum AccountEvent {
    #[varve(
        revision = 2,
        alias("created",),
        history(OpenedV1,),
    )]
    Opened { limit: u64 },
    #[varve(revision = 2,)]
    #[varve(name = "shut",)]
    Closed {
        #[varve(since = 2, default = 0,)]
        at: u64,
    },
}

#[derive(VarveRevision)]
pub struct OpenedV1 {
    cents: u64,
}

impl<'a> Upcast<'a, OpenedV1View<'a>> for AccountOpened<'a> {
    fn upcast(old: OpenedV1View<'a>, _: &'a Scratch) -> Self {
        Self { limit: old.cents }
    }
}

fn main() {
    let schemas = <AccountEvent as varvedb::Event>::schemas();
    let names: Vec<_> = schemas.iter().map(|schema| schema.name).collect();
    assert_eq!(names, ["account.opened", "account.shut"]);
}
