// Personal data inside a value.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Address { #[pii] street: Pii<String>, town: String }

fn main() {}
