//! The golden stores, and what was put into them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use uuid::Uuid;
use varvedb::{Key, Metadata, StreamId, Timestamp};

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
