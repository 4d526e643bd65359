//! How a store is opened.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::open::{self, OpenError};
use super::{RegisterError, Store};
use crate::clock::{Clock, SystemClock};
use crate::codec::{Event, EventSchema};
use crate::index::IndexOptions;
use crate::log::LogOptions;
use crate::vault::VaultOptions;

/// How a store is opened; every option has a good default.
///
/// ```
/// # use varvedb::Store;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("bank.varve");
/// let store = Store::options().segment_bytes(64 << 20).open(path)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until `open`"]
pub struct StoreOptions {
    pub(crate) segment_bytes: u64,
    pub(crate) map_bytes: usize,
    pub(crate) max_tail_events: usize,
    pub(crate) queue_commits: usize,
    pub(crate) remembered_streams: usize,
    pub(crate) sync_within: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) schemas: Vec<&'static [EventSchema]>,
    pub(crate) on_progress: Option<OnProgress>,
    pub(crate) vault: Option<VaultOptions>,
    /// Boxes stay shut, and nobody asks for the vault: a copy takes them as they are.
    pub(crate) is_shut: bool,
}

/// Hears how far a long opening has come.
#[derive(Clone)]
pub(crate) struct OnProgress(pub(crate) Arc<dyn Fn(OpenProgress) + Send + Sync>);

impl std::fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnProgress(..)")
    }
}

/// How far an opening has come that must read the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenProgress {
    /// Bytes of the log that have been read.
    pub bytes: u64,
    /// Bytes of the log that there are, at most.
    pub total_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            segment_bytes: LogOptions::DEFAULT_SEGMENT_BYTES,
            map_bytes: IndexOptions::DEFAULT_MAP_BYTES,
            max_tail_events: 1 << 20,
            queue_commits: 4096,
            remembered_streams: 1 << 20,
            sync_within: Duration::from_millis(100),
            clock: Arc::new(SystemClock),
            schemas: Vec::new(),
            on_progress: None,
            vault: None,
            is_shut: false,
        }
    }
}

impl StoreOptions {
    /// Bytes at which a segment of the log is sealed and the next one begun; 256 MiB by default,
    /// at least 64 KiB. It is no larger on the disk than what was written, but for up to 4 MiB of room ahead.
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Address space that the index begins with, in bytes; it doubles by itself whenever it is
    /// full, and then waits for everybody who looks at tables. 64 GiB by default, or 256 MiB where
    /// the process may not have as many. Not memory, and not disk.
    pub fn index_map_bytes(mut self, bytes: usize) -> Self {
        self.map_bytes = bytes;
        self
    }

    /// Events that may wait in memory to be carried into the index before appends are held back;
    /// 1,048,576 by default. They are carried there when nobody has appended for a second, when they have
    /// waited for ten, or when they are half as many: a store that was not closed has as many to look
    /// through when it opens, which takes a fraction of a second for a million. An event that is a commit of its own takes 140 to 200 bytes there, one of a
    /// batch to one stream far less; the last group may go beyond the limit.
    pub fn max_tail_events(mut self, events: usize) -> Self {
        self.max_tail_events = events.max(1);
        self
    }

    /// Commits that may wait for the writer before callers do; 4,096 by default.
    pub fn queue_commits(mut self, commits: usize) -> Self {
        self.queue_commits = commits.max(1);
        self
    }

    /// Streams whose versions stay in memory after their events were carried into the index, so that
    /// an append to them looks nothing up there; 1,048,576 by default, 55 to 110 bytes each. Those whose
    /// events wait in memory are among them, and are kept however many they are. When there are more,
    /// those written to longest ago are forgotten, down to half as many.
    pub fn remembered_streams(mut self, streams: usize) -> Self {
        self.remembered_streams = streams;
        self
    }

    /// The longest that [`Durability::Buffered`](crate::Durability::Buffered) appends stay off the
    /// disk; 100 ms by default.
    pub fn sync_within(mut self, span: Duration) -> Self {
        self.sync_within = span;
        self
    }

    /// The clock that dates commits; the machine's by default.
    ///
    /// Times in the log never go back. While the clock is behind the last commit, new commits are
    /// given that commit's time; when it is more than a minute behind at the opening, a warning says
    /// so. A clock that is far ahead is believed, and holds later times at its own until they have
    /// caught up.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Compares the shapes of these events with those in the store when it opens, instead of when
    /// they are first used, and records new ones.
    pub fn register<E: Event>(mut self) -> Self {
        self.schemas.push(E::schemas());
        self
    }

    /// Where the keys of personal data are, and the key that they are wrapped under.
    ///
    /// A store whose events have `#[pii]` fields needs one to write. The vault is a directory of its own, outside
    /// the store's, and no part of a backup of the store: a copy of the keys undoes every later shred.
    ///
    /// ```
    /// # use varvedb::{MasterKey, Store, VaultOptions};
    /// # let dir = tempfile::tempdir()?;
    /// let keys = VaultOptions::new(dir.path().join("bank.keys"), MasterKey::generate()?);
    /// let store = Store::options().vault(keys).open(dir.path().join("bank.varve"))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn vault(mut self, vault: VaultOptions) -> Self {
        self.vault = Some(vault);
        self
    }

    /// The same without the vault, for a store whose boxes are not looked into.
    pub(crate) fn shut(mut self) -> Self {
        self.vault = None;
        self.is_shut = true;
        self
    }

    /// Hears how far an opening has come. Called only when much of the log must be read: after
    /// the index was removed, or after a crash.
    pub fn on_progress(mut self, report: impl Fn(OpenProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(OnProgress(Arc::new(report)));
        self
    }

    /// Opens the store in this directory for reading and writing, or makes a new one.
    ///
    /// One process at a time: a second gets [`OpenError::Locked`]. What a crash left unfinished is
    /// cut off; anything else that is found not to be as it was written is an error, and nothing is
    /// changed. [`Store::open`] says what is looked at.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Store, OpenError> {
        open::open(path.as_ref(), &self)
    }

    /// Opens an existing store for reading, beside the process that writes to it, if there is one;
    /// once in a process, as [`Store::open_read_only`] says.
    pub fn open_read_only(self, path: impl AsRef<Path>) -> Result<Store, OpenError> {
        open::open_read_only(path.as_ref(), &self)
    }
}

impl From<RegisterError> for OpenError {
    fn from(error: RegisterError) -> Self {
        Self::Schema(error)
    }
}
