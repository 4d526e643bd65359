//! A whole store is written anew: as it is, or as it should have been.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod changed;
#[path = "../kit/mod.rs"]
mod kit;
mod refused;
mod resumed;
mod whole;

use std::path::{Path, PathBuf};

use varvedb::blocking::Store;
use varvedb::{
    CopyError, CopyReport, ExpectedVersion, Metadata, NewCommit, NewEvent, RecordedEventBuf,
};

use crate::kit::{Place, book, lent, returned};

/// Commits of one to three events, to two of five streams each, with metadata and ids of all kinds.
fn library(commits: u64) -> Place {
    let place = Place::new();
    let store = place.open_with(varvedb::Store::options().segment_bytes(64 << 10));
    for number in 0..commits {
        let metadata = Metadata {
            actor: Some(format!("desk {number}")),
            ..Metadata::default()
        };
        let mut first = lent(&format!("reader {number}")).with_metadata(metadata);
        if number % 3 == 0 {
            first = first.with_id(uuid::Uuid::from_u128(u128::from(number) + 7));
        }
        let mut commit =
            NewCommit::new().append(book(number % 5), ExpectedVersion::Any, [first, returned()]);
        if number % 2 == 0 {
            commit = commit.append(book(number % 7), ExpectedVersion::Any, [lent("the house")]);
        }
        let _ = store.commit(commit).unwrap();
    }
    place
}

/// A folder for a copy, beside nothing else.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("new.varve")
    }
}

fn everything(path: &Path) -> Vec<RecordedEventBuf> {
    let store = varvedb::Store::open_read_only(path).unwrap();
    store.read_log().to_vec().unwrap()
}

fn copy(source: &Place, to: &Path) -> Result<CopyReport, CopyError> {
    let source = varvedb::Store::open_read_only(source.path()).unwrap();
    source.copy_to(to).run()
}

fn append(store: &Store, event: NewEvent) {
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [event])
        .unwrap();
}
