// More revisions than are counted.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(revision = 65536)]
    Opened { limit: u64 },
}

fn main() {}
