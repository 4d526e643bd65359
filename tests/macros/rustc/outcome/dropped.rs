//! What has not happened yet, and what an outcome says, is not dropped unnoticed.

#![deny(unused_must_use)]

use varvedb::blocking::{Processor, Store};
use varvedb::{ExpectedVersion, NewCommit, NewEvent, StreamId, TypeName};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = varvedb::Store::open("library.varve")?;
    let blocking = Store::new(&store);
    let (book, lent) = (StreamId::new("book", 1)?, TypeName::new("book.lent")?);
    NewEvent::new(lent.clone(), *b"");
    NewEvent::new(lent, *b"").with_revision(2);
    NewCommit::new();
    blocking.append(&book, ExpectedVersion::Any, [])?;
    blocking.read_stream(&book);
    Processor::new(&store);
    varvedb::Store::options();
    Ok(())
}
