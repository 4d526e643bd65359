// Personal data in a row that is not sealed.
use varvedb::prelude::*;

const NAMES: Table<u64, Pii<String>> = Table::new("names");

fn put(tables: &mut Tables<'_>) -> Result<(), TableError> {
    tables.put(NAMES, &1, &"Ada".into())
}

fn main() {}
