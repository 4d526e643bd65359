// The derive for events on a struct.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
struct Opened {
    limit: u64,
}

fn main() {}
