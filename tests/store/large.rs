//! A store that is larger than what fits into one segment, many times over.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::ops::ControlFlow;
use std::time::Instant;

use varvedb::blocking::Store;
use varvedb::{Durability, ExpectedVersion, NewCommit, NewEvent, RecordedEvent, TypeName};

use crate::kit::{Place, book};

const EVENTS: u64 = 2 * 1024 * 1024;
const EVENTS_PER_COMMIT: u64 = 256;
const PAYLOAD_BYTES: usize = 1024 - 32;
const STREAMS: u64 = 1000;

/// Writes 2 GiB, reads them three times, and says how long each took.
#[test]
#[ignore = "writes 2 GiB: cargo test --release -p varvedb --test store -- --ignored large --nocapture"]
fn a_store_of_two_gibibytes_gives_back_every_byte() {
    let place = Place::new();
    let (store, written) = timed("write", || {
        let store = place.open();
        let written = write(&store);
        (store, written)
    });
    println!(
        "{:?}, {} log files",
        store.size().unwrap(),
        place.log_files().len()
    );
    assert!(place.log_files().len() > 8, "segments of 256 MiB");
    timed("close", || drop(store));
    let store = timed("reopen", || place.open());
    assert_eq!(timed("read all", || read(&store)), (EVENTS, written));
    drop(store);
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let store = timed("reopen without index", || place.open());
    assert_eq!(timed("read all again", || read(&store)), (EVENTS, written));
    let in_streams: u64 = (0..STREAMS)
        .map(|stream| store.version(&book(stream)).unwrap().get())
        .sum();
    assert_eq!(in_streams, EVENTS);
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    #[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
    {
        println!("{what}: {:.2?}", begun.elapsed());
    }
    done
}

/// Writes every event; gives a checksum of all payloads.
fn write(store: &Store) -> u64 {
    let mut hasher = DefaultHasher::new();
    for commit in 0..EVENTS / EVENTS_PER_COMMIT {
        let events = (0..EVENTS_PER_COMMIT).map(|n| {
            let payload = payload(commit * EVENTS_PER_COMMIT + n);
            hasher.write(&payload);
            NewEvent::new(TypeName::new("book.copied").unwrap(), payload)
        });
        let stream = book(commit % STREAMS);
        let commit = NewCommit::new().append(stream, ExpectedVersion::Any, events);
        let _ = store
            .commit(commit.with_durability(Durability::Buffered))
            .unwrap();
    }
    hasher.finish()
}

/// Different for every event, and the same every time.
fn payload(number: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PAYLOAD_BYTES);
    let mut state = number;
    while bytes.len() < PAYLOAD_BYTES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(number | 1);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

/// How many events there are, and the checksum of their payloads.
fn read(store: &Store) -> (u64, u64) {
    let (mut count, mut hasher) = (0, DefaultHasher::new());
    let visit = |event: &RecordedEvent<'_>| {
        count += 1;
        assert_eq!(event.position(), count);
        hasher.write(event.payload());
        ControlFlow::Continue(())
    };
    store.read_log().visit(visit).unwrap();
    (count, hasher.finish())
}
