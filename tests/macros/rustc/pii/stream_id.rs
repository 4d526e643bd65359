// Personal data names no stream, no subject and no row.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[stream_id] mail: Pii<String> },
}

fn main() {}
