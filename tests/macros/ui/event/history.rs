// Earlier revisions, which this version does not read.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(history(OpenedV1))]
    Opened { limit: u64 },
}

fn main() {}
