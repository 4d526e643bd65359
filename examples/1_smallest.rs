//! Lesson 1: the smallest store. No macros, no aggregates: streams of opaque bytes.
//!
//! Run it with `cargo run --example 1_smallest`.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a lesson is read aloud"
)]

use std::ops::ControlFlow;

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, NewEvent, StreamId, TypeName};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A store is a directory. This one goes away with the lesson.
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("library.varve"))?;

    // A stream is named by a category and a key: a number, a UUID or text.
    let book = StreamId::text("book", "moby-dick")?;
    let lent = NewEvent::new(TypeName::new("book.lent")?, *b"to reader 7");
    let returned = NewEvent::new(TypeName::new("book.returned")?, *b"by reader 7");

    // An append says what it expects of its stream. It returns when the events are on the disk.
    let appended = store.append(&book, ExpectedVersion::NoStream, [lent, returned])?;
    println!("recorded up to position {}", appended.last_position);
    assert_eq!(appended.version(), 2);

    // Events are read where they lie in the log; nothing is copied for the visitor.
    store.read_stream(&book).visit(|event| {
        let payload = String::from_utf8_lossy(event.payload());
        println!("{} {} {payload}", event.version(), event.type_name());
        ControlFlow::Continue(())
    })?;

    // Or copied out, newest first, at most one.
    let last = store.read_stream(&book).backwards().limit(1).to_vec()?;
    assert_eq!(last[0].payload, b"by reader 7");
    Ok(())
}
