//! The index: all that is derived from the log, in LMDB, and in memory what is not there yet.
//!
//! It may be deleted at any time while the store is closed, and is built anew from the log. A commit
//! is [added](Index::add) to the tail when it is synced, and [folded](Index::fold) into the tables
//! later, many at a time. Look-ups see both as one.

mod chain;
mod chunk;
mod environment;
mod error;
mod file;
mod fold;
mod gate;
mod lookup;
mod name;
mod owned;
mod places;
mod progress;
mod rows;
mod snapshots;
mod streams;
mod tables;
mod tail;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use uuid::Uuid;

pub(crate) use self::chunk::Point;
#[cfg(any(fuzzing, test))]
pub(crate) use self::chunk::decode_chunk;
use self::environment::Environment;
pub(crate) use self::error::IndexError;
pub(crate) use self::name::{NameHasher, StreamName};
pub(crate) use self::owned::Cleared;
pub(crate) use self::progress::Folded;
pub(crate) use self::rows::{Checkpoint, RowReader, RowWriter};
use self::snapshots::Waiting;
#[cfg(any(fuzzing, test))]
pub(crate) use self::snapshots::see_hostile_snapshot;
pub(crate) use self::snapshots::{Fingerprint, LastEvent, SnapshotRow, StateSnapshot};
use self::tail::Tail;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::position::{Place, Position, Version};

/// How an index is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexOptions {
    /// Whose index it is.
    pub(crate) store_id: Uuid,
    /// How many bytes of addresses the file has at first; it grows by itself.
    pub(crate) map_bytes: usize,
    /// How many streams are remembered, those that are in the tail included.
    pub(crate) remembered_streams: usize,
}

impl IndexOptions {
    /// Addresses cost nothing until they are used, while to enlarge the map is to wait for every
    /// reader: 64 GiB where there are as many, 256 MiB where there are not.
    pub(crate) const DEFAULT_MAP_BYTES: usize = 1 << if usize::BITS < 64 { 28 } else { 36 };

    #[cfg(test)]
    pub(crate) fn new(store_id: Uuid) -> Self {
        let map_bytes = Self::DEFAULT_MAP_BYTES;
        Self {
            store_id,
            map_bytes,
            remembered_streams: 0,
        }
    }
}

/// The index of one store; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    environment: Environment,
    tail: RwLock<Tail>,
    snapshots: RwLock<Waiting>,
    /// Folds take turns.
    folding: Mutex<()>,
}

/// A commit that is synced to the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TailCommit<'a, Runs> {
    /// Where its frame starts.
    pub(crate) place: Place,
    /// The place just behind its frame.
    pub(crate) end: Place,
    /// The position of its first event.
    pub(crate) first: Position,
    /// Its events stream by stream.
    pub(crate) runs: Runs,
    /// Where the record of each event starts.
    pub(crate) places: &'a [Place],
}

/// The events of a commit that go to one stream, one after another.
#[derive(Clone, Debug)]
pub(crate) struct TailRun {
    pub(crate) stream: StreamName,
    pub(crate) first_version: Version,
    pub(crate) events: u32,
}

/// Where an event of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) version: Version,
    pub(crate) position: Position,
    pub(crate) place: Place,
}

/// Versions of a stream; both ends are exclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VersionRange {
    pub(crate) after: Version,
    pub(crate) before: Option<Version>,
}

/// Which way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Forwards,
    Backwards,
}

impl Index {
    /// Opens the index in this directory, or makes an empty one.
    pub(crate) fn open(dir: &Path, options: &IndexOptions) -> Result<Self, IndexError> {
        let environment = Environment::open(dir, options)?;
        Ok(Self::new(environment, options.remembered_streams))
    }

    /// Opens the index in this directory while another process writes it. It has a tail of its own.
    pub(crate) fn open_read_only(dir: &Path, store_id: Uuid) -> Result<Self, IndexError> {
        Ok(Self::new(Environment::open_read_only(dir, store_id)?, 0))
    }

    /// Deletes the index in this directory, if there is one; it must not be open anywhere.
    pub(crate) fn delete(dir: &Path) -> Result<(), StorageError> {
        for name in [file::DATA, file::LOCK] {
            let path = dir.join(name);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StorageError::io("delete", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds commits to the tail, once they are synced and before anyone is told of them.
    ///
    /// # Panics
    ///
    /// If one does not begin at the position behind the last commit that was added.
    pub(crate) fn add<'a, Runs: Iterator<Item = TailRun>>(
        &self,
        commits: impl IntoIterator<Item = TailCommit<'a, Runs>>,
    ) {
        let mut tail = self.tail_mut();
        commits.into_iter().for_each(|commit| tail.add(commit));
    }

    /// Adds definitions, which lie before this position, to the tail; to add one that is known
    /// changes nothing. They are folded together with the event that has it, or later.
    pub(crate) fn add_definitions(&self, before: Position, definitions: &[Definition]) {
        self.tail_mut().add_definitions(before, definitions);
    }

    /// How many events wait to be folded.
    pub(crate) fn tail_events(&self) -> usize {
        self.tail().events()
    }

    /// How many of them do not lie behind this position.
    pub(crate) fn tail_events_through(&self, position: Position) -> usize {
        self.tail().events_through(position)
    }

    /// Whether this thread has a transaction open. It must not wait then for anything that waits
    /// for a fold: folds write, and enlarge the map.
    pub(crate) fn is_open_here(&self) -> bool {
        self.shared.environment.is_open_here()
    }

    /// Whether a process that writes leaves alone what this one looks at. Not so where the index is
    /// on a disk that is mounted read-only.
    pub(crate) fn is_registered(&self) -> bool {
        self.shared.environment.is_registered()
    }

    /// How large the index is on disk.
    pub(crate) fn bytes_on_disk(&self) -> Result<u64, StorageError> {
        self.shared.environment.bytes_on_disk()
    }

    /// Where the index is.
    pub(crate) fn dir(&self) -> &Path {
        self.shared.environment.dir()
    }

    fn new(environment: Environment, remembered_streams: usize) -> Self {
        let shared = Shared {
            environment,
            tail: RwLock::new(Tail::new(remembered_streams)),
            snapshots: RwLock::default(),
            folding: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    // A panic under the lock is a broken promise of the caller and comes before the first change, so the
    // tail is whole after it.
    fn tail(&self) -> RwLockReadGuard<'_, Tail> {
        self.shared
            .tail
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn tail_mut(&self) -> RwLockWriteGuard<'_, Tail> {
        self.shared
            .tail
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
