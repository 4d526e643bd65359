// Personal data is no key of a row.
use varvedb::prelude::*;

const NAMES: Table<Pii<String>, u64> = Table::new("names");

fn put(tables: &mut Tables<'_>) -> Result<(), TableError> {
    tables.put(NAMES, &"Ada".into(), &1)
}

fn main() {}
