//! What the stories are set in: a store in a folder of its own, and the events of a library.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "each story takes from the kit what it needs"
)]

pub mod bank;
pub mod disk;
pub mod told;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use varvedb::blocking::Store;
use varvedb::{NewEvent, StoreOptions, StreamId, TypeName};

/// A folder with a store in it, gone when dropped.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("library.varve")
    }

    pub fn open(&self) -> Store {
        self.open_with(varvedb::Store::options())
    }

    pub fn open_with(&self, options: StoreOptions) -> Store {
        Store::new(&options.open(self.path()).unwrap())
    }

    pub fn log_files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path().join("log")).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// A new, empty store, and the folder that goes away with it.
pub struct Fresh {
    store: Store,
    _place: Place,
}

pub fn fresh() -> Fresh {
    let place = Place::new();
    Fresh {
        store: place.open(),
        _place: place,
    }
}

impl Deref for Fresh {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

pub fn book(number: u64) -> StreamId {
    StreamId::new("book", number).unwrap()
}

pub fn lent(to: &str) -> NewEvent {
    NewEvent::new(TypeName::new("book.lent").unwrap(), to)
}

pub fn returned() -> NewEvent {
    NewEvent::new(TypeName::new("book.returned").unwrap(), *b"")
}

/// The payloads of a stream, as text.
pub fn payloads(store: &Store, stream: &StreamId) -> Vec<String> {
    let events = store.read_stream(stream).to_vec().unwrap();
    events
        .into_iter()
        .map(|event| String::from_utf8(event.payload).unwrap())
        .collect()
}

/// Runs an ignored test of this very executable as another process.
pub fn child(test: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", "--quiet", test])
        .env(CHILD_PATH, path);
    command
}

/// The store that a parent test gave its child.
pub fn child_path() -> PathBuf {
    std::env::var_os(CHILD_PATH)
        .expect("run by the test that needs it, not by hand")
        .into()
}

const CHILD_PATH: &str = "VARVE_TEST_CHILD_PATH";

/// A new store and a repository on it.
pub fn fresh_repository() -> (Fresh, varvedb::blocking::Repository) {
    let fresh = fresh();
    let repository = varvedb::blocking::Repository::new(&fresh);
    (fresh, repository)
}
