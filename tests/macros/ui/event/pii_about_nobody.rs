// Personal data of nobody.
use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered { #[pii] name: Pii<String> },
}

fn main() {}
