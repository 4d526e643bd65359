// A layout that is split, without the derive.
use varvedb::prelude::*;

pub struct OpenedV1 {
    pub cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 2, history(split(OpenedV1)))]
    Opened { limit: u64 },
}

fn main() {}
