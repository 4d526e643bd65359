// A value whose fields have no names.
use varvedb::prelude::*;

#[derive(VarveValue)]
pub struct Line(u64);

fn main() {}
