// The derive for events on a union.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
union Opened {
    limit: u64,
}

fn main() {}
