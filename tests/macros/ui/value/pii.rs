// Personal data in a variant, of which nobody knows where it lies.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub enum Contact {
    Mail { #[pii] mail: Pii<String> },
    None,
}

fn main() {}
