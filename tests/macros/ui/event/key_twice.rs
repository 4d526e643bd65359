// A key that is given twice.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    #[varve(name = "opened", name = "begun")]
    Opened { limit: u64 },
}

fn main() {}
