//! How a golden store is made, once, and found again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use uuid::Uuid;
use varvedb::blocking::Store;
use varvedb::{
    ExpectedVersion, Key, ManualClock, Metadata, NewCommit, NewEvent, StoreOptions, StreamId,
    Timestamp, TypeName,
};

use crate::zoo::{self, ZooEvent};

/// The stores that are kept.
pub(crate) const FORMATS: [&str; 1] = ["format-3"];

/// A name that is not written today, in `aliens` whose keys are texts and `ids` whose keys are UUIDs.
pub(crate) const OPAQUE: &[u8] = b"bytes of another program";

pub(crate) fn kept(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/compatibility/stores")
        .join(format)
}

/// A copy of a kept store, since a store that is opened is written to.
pub(crate) fn copy(format: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let (from, to) = (kept(format), copy.path().join("zoo.varve"));
    fs::create_dir_all(to.join("log")).unwrap();
    fs::copy(from.join("store.toml"), to.join("store.toml")).unwrap();
    for segment in fs::read_dir(from.join("log")).unwrap() {
        let segment = segment.unwrap();
        fs::copy(segment.path(), to.join("log").join(segment.file_name())).unwrap();
    }
    copy
}

pub(crate) fn number(id: u64) -> StreamId {
    StreamId::new("zoo", id).unwrap()
}

pub(crate) fn text() -> StreamId {
    StreamId::new("aliens", Key::text("from å").unwrap()).unwrap()
}

pub(crate) fn uuid() -> StreamId {
    StreamId::new("ids", Uuid::from_u128(5)).unwrap()
}

pub(crate) fn guest() -> StreamId {
    StreamId::new("guest", 3).unwrap()
}

/// The id of an event whose writer gave it one.
pub(crate) const OWN_ID: Uuid = Uuid::from_u128(0xABCD);

pub(crate) fn metadata() -> Metadata {
    Metadata {
        correlation_id: Some(Uuid::from_u128(1)),
        causation_id: Some(Uuid::from_u128(2)),
        actor: Some("the keeper".to_owned()),
        entries: BTreeMap::from([("reason".to_owned(), "feeding time".to_owned())]),
    }
}

/// When commit `n` was written.
pub(crate) fn time(n: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + n * 1_000_000)
}

#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "ulid"
))]
#[test]
#[ignore = "makes the store of a new format, once"]
fn make_the_golden_store_of_this_format() {
    use varvedb::Event;

    use crate::guests::{self, GuestEvent};

    let path = kept(FORMATS[FORMATS.len() - 1]);
    assert!(!path.exists(), "a golden store is never written again");
    let clock = Arc::new(ManualClock::new(time(0)));
    let options = StoreOptions::default()
        .clock(clock.clone())
        .segment_bytes(1 << 16);
    let store = Store::new(&options.open(&path).unwrap());
    store.register::<ZooEvent>().unwrap();
    let event = |golden: &zoo::Golden| {
        let name = TypeName::new(golden.name).unwrap();
        NewEvent::new(name, golden.payload.clone()).with_revision(golden.revision)
    };
    // One event in each commit, then all in one.
    for (n, golden) in zoo::events(1).iter().enumerate() {
        clock.set(time(i64::try_from(n).unwrap()));
        let _ = store
            .append(&number(1), ExpectedVersion::Any, [event(golden)])
            .unwrap();
    }
    clock.set(time(100));
    let opaque = || NewEvent::new(TypeName::new("aliens.landed").unwrap(), OPAQUE);
    let commit = NewCommit::new()
        .append(
            number(2),
            ExpectedVersion::NoStream,
            zoo::events(2).iter().map(event),
        )
        .append(
            text(),
            ExpectedVersion::NoStream,
            [opaque().with_metadata(metadata()), opaque().with_id(OWN_ID)],
        )
        .append(uuid(), ExpectedVersion::NoStream, [opaque()])
        .append(number(1), ExpectedVersion::Any, [event(&zoo::events(1)[5])]);
    let _ = store.commit(commit).unwrap();
    // Enough for a second segment.
    clock.set(time(101));
    for _ in 0..3 {
        let large = NewEvent::new(TypeName::new("ids.filled").unwrap(), vec![b'x'; 30_000]);
        let _ = store
            .append(&uuid(), ExpectedVersion::Any, [large])
            .unwrap();
    }
    store.register::<GuestEvent>().unwrap();
    let mut payload = Vec::new();
    guests::came().encode(&mut payload).unwrap();
    let came = NewEvent::new(TypeName::new("guest.came").unwrap(), payload);
    let _ = store
        .append(&guest(), ExpectedVersion::Any, [came])
        .unwrap();
    drop(store);
    for derived in ["index", "lock"] {
        let derived = path.join(derived);
        let _ = fs::remove_dir_all(&derived).or_else(|_| fs::remove_file(&derived));
    }
}
