// A field whose bytes differ each time.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    Opened { limits: std::collections::HashMap<String, u64> },
}

fn main() {}
