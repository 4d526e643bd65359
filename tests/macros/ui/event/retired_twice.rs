// A name that is retired, and a former name of what is there.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account", retired("begun"))]
pub enum AccountEvent {
    #[varve(alias = "begun")]
    Opened { limit: u64 },
}

fn main() {}
