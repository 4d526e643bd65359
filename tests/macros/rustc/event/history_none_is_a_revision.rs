// Two older layouts in a row, both without the derive.
use varvedb::prelude::*;

pub struct OpenedV1 {
    pub cents: u64,
}

pub struct OpenedV2 {
    pub cents: u64,
}

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 3, history(OpenedV1, OpenedV2))]
    Opened { limit: u64 },
}

fn main() {}
