// A row with personal data about nobody.
use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
pub struct PersonId(u64);

#[derive(VarveValue)]
pub struct Entry { id: PersonId, #[pii] name: Pii<String> }

const BOOK: Table<u64, Entry> = Table::new("book");

fn put(tables: &mut Tables<'_>, entry: &Entry) -> Result<(), TableError> {
    tables.put(BOOK, &1, entry)
}

fn main() {}
