// A variant whose view would have the name of the enum of views.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "account")]
pub enum AccountEvent {
    EventView { limit: u64 },
}

fn main() {}
