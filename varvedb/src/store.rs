//! The store: the log, the index and the writer thread joined into what applications hold.

mod append;
mod copy;
mod expected;
mod explain;
mod folder;
mod follower;
mod lock;
mod manifest;
mod names;
mod open;
mod options;
mod privacy;
mod queue;
mod read;
mod registered;
mod role;
mod schema;
mod shared;
mod shared_head;
mod snapshot;
mod unwritten;
mod writer;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::oneshot;

pub use self::append::{AppendError, Appended, Durability, NewCommit};
pub use self::copy::{CopyError, CopyProgress, CopyReport, CopyTo, Rewrite, RewriteError};
pub use self::expected::{ExpectedVersion, VersionConflict};
pub use self::explain::{ExplainError, Explainable};
pub use self::open::OpenError;
pub use self::options::{OpenProgress, StoreOptions};
pub(crate) use self::privacy::Ready;
pub use self::privacy::{
    Keys, LookupError, Reenroll, Report, Shred, ShredError, ShredReceipt, SubjectAccess,
    SubjectEvent, SubjectEventView, SubjectExport, SubjectRecord, SubjectReenrolled,
    SubjectShredded, report,
};
pub use self::read::{ReadError, ReadLog, ReadStream, RecordedEventBuf};
use self::registered::Registered;
use self::role::Role;
pub use self::schema::RegisterError;
use self::shared::Shared;
pub(crate) use self::unwritten::Unwritten;
use self::writer::{Job, Written};
use crate::clock::Clock;
use crate::codec::Event;
use crate::error::StorageError;
use crate::event::{NewEvent, RecordedEvent};
use crate::position::{Position, Version};
use crate::stream::{Category, Key, StreamId};

/// An open store. Cheap to clone; every clone is the same store, which closes with the last.
///
/// A store is a directory. One process writes to it, any number read beside it. Closing carries
/// what is left into the index, so that the next opening is quick; a process that dies without
/// closing loses nothing that was answered.
///
/// While a store is open anywhere, no other program may change, cut short or remove its files: they
/// are read where they are mapped. They may be read, and sealed segments copied, at any time; a
/// backup holds `store.toml` and `log`, and neither `lock` nor `index`, which belong to the place
/// where the store is used. The directory belongs on a local disk: locks and mapped files are not reliable on network ones. A
/// store does not survive `fork`: open it in the process that uses it.
///
/// This is the untyped floor: opaque payloads, type names, stream ids. Most applications use a
/// [`Repository`](crate::Repository) on top.
///
/// ```
/// # pollster::block_on(async {
/// use varvedb::{ExpectedVersion, NewEvent, Store, StreamId, TypeName};
///
/// # let dir = tempfile::tempdir()?;
/// let store = Store::open(dir.path().join("library.varve"))?;
/// let book = StreamId::text("book", "moby-dick")?;
/// let lent = NewEvent::new(TypeName::new("book.lent")?, *b"to a reader");
///
/// let appended = store.append(&book, ExpectedVersion::NoStream, [lent]).await?;
/// assert_eq!(appended.version(), 1);
///
/// let events = store.read_stream(&book).to_vec()?;
/// assert_eq!(events[0].payload, b"to a reader");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Store(Arc<Handle>);

struct Handle {
    path: PathBuf,
    shared: Arc<Shared>,
    role: Role,
    registered: RwLock<Registered>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.shared.is_forked() {
            self.role.abandon();
        }
    }
}

impl Store {
    /// Opens the store in this directory for reading and writing, or makes a new one, with
    /// default [options](StoreOptions).
    ///
    /// It is quick however long the log is, since only what the index does not hold yet is read.
    /// So damage in older segments is not found now, nor is a sealed segment that was exchanged for
    /// another: it is an error when its events are read. That the log was cut short is found now.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// Opens an existing store for reading, beside the process that writes to it, if there is one.
    /// New commits are seen within milliseconds; when they cannot be followed any more, every call
    /// fails and says why.
    ///
    /// Once in a process, and not in the one that writes: there, clone the `Store` that is open. A
    /// second opening is refused.
    ///
    /// Through a mount that is read-only, a store can be read only while nobody writes to it: LMDB,
    /// which holds the index, cannot tell the writing process there what is being read. With a
    /// writer it is refused, and when one comes later, calls fail.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open_read_only(path)
    }

    /// Options for opening.
    pub fn options() -> StoreOptions {
        StoreOptions::default()
    }

    /// The store's directory.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Appends events to one stream, all or nothing, and waits until they are on the disk.
    ///
    /// Fails with [`AppendError::Conflict`] when the stream is not as expected; that concerns no
    /// other caller. If the future is dropped, the append happens or not.
    pub async fn append(
        &self,
        stream: &StreamId,
        expected: impl Into<ExpectedVersion>,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Result<Appended, AppendError> {
        let mut commit = Unwritten::new();
        commit.append(stream.clone(), expected.into(), events);
        self.write(commit).await
    }

    /// Writes a commit of one or several streams, all or nothing.
    pub async fn commit(&self, commit: NewCommit) -> Result<Appended, AppendError> {
        self.write(commit.into_unwritten()).await
    }

    /// Writes a commit, and keeps its memory for the next.
    pub(crate) async fn write(&self, commit: Box<Unwritten>) -> Result<Appended, AppendError> {
        let (reply, answer) = oneshot::channel();
        self.post(commit, reply).await?;
        let written = answer.await.map_err(|_| self.writer_is_gone())??;
        let appended = Appended::new(&written.commit, written.first_position);
        written.commit.recycle();
        Ok(appended)
    }

    /// Waits until everything that was appended before is on the disk.
    ///
    /// Only [`Durability::Buffered`] appends need it; all others are there when they are answered.
    pub async fn sync(&self) -> Result<(), StorageError> {
        if self.is_read_only() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        let asked = match self.send(Job::Sync(reply)).await {
            Ok(()) => answer.await.map_err(|_| self.writer_is_gone())?,
            refused => refused,
        };
        asked.map_err(|error| match error {
            AppendError::Storage(error) => error,
            refused => StorageError::index("sync the store", refused),
        })
    }

    /// Compares the shapes of these events with those in the store, and records new ones.
    ///
    /// It happens by itself when events are first used; doing it at the start finds mistakes
    /// earlier. See also [`StoreOptions::register`].
    pub async fn register<E: Event>(&self) -> Result<(), RegisterError> {
        self.register_all(E::schemas()).await
    }

    /// Reads one stream; oldest event first unless told otherwise.
    pub fn read_stream<'a>(&'a self, stream: &'a StreamId) -> ReadStream<'a> {
        ReadStream::new(self, stream)
    }

    /// Reads the whole log; oldest event first unless told otherwise.
    pub fn read_log(&self) -> ReadLog<'_> {
        ReadLog::new(self, None)
    }

    /// Reads the streams of one category as one, in the order of positions.
    pub fn read_category<'a>(&'a self, category: &'a Category) -> ReadLog<'a> {
        ReadLog::new(self, Some(category))
    }

    /// The position of the last committed event; 0 in an empty store.
    pub fn head(&self) -> Position {
        if !self.0.shared.is_forked() {
            self.0.role.refresh();
        }
        self.0.shared.head()
    }

    /// Waits until the head is beyond `position`, and gives the head.
    ///
    /// It looks at the head itself and never at a message, so no wake-up can be lost.
    pub async fn head_after(&self, position: Position) -> Result<Position, StorageError> {
        self.wait_for(|shared| Some(shared.head()).filter(|head| *head > position))
            .await
    }

    /// Waits until something beyond `position` is on the disk, and gives up to where.
    ///
    /// What is kept of events elsewhere, such as a projection's checkpoint, must not go beyond it:
    /// a power cut may take back what was only buffered.
    pub(crate) async fn durable_after(&self, position: Position) -> Result<Position, StorageError> {
        let is_read_only = self.is_read_only();
        let durable = |shared: &Shared| {
            let head = shared.head();
            if is_read_only {
                head
            } else {
                head.min(shared.log.synced())
            }
        };
        self.wait_for(|shared| Some(durable(shared)).filter(|durable| *durable > position))
            .await
    }

    async fn wait_for(
        &self,
        look: impl Fn(&Shared) -> Option<Position>,
    ) -> Result<Position, StorageError> {
        let mut head = self.0.shared.watch_head();
        loop {
            // In this order: a poisoning after the mark changes the head once more.
            head.mark_unchanged();
            self.0.shared.check()?;
            if let Some(found) = look(&self.0.shared) {
                return Ok(found);
            }
            head.changed().await.map_err(|_| StorageError::closed())?;
        }
    }

    /// The version of a stream; 0 when it does not exist.
    pub fn version(&self, stream: &StreamId) -> Result<Version, ReadError> {
        let shared = self.readable()?;
        if self.is_read_only() {
            return self.last_version(stream);
        }
        let category = shared.names().category_id(stream.category().as_str());
        match category {
            Some((category, _)) => Ok(shared.index.version(category, stream.key().as_ref())?),
            None => Ok(Version::ZERO),
        }
    }

    /// The categories that have streams, in the order in which they were first used.
    pub fn categories(&self) -> Result<Vec<Category>, ReadError> {
        let names = self.readable()?.names();
        let categories = names.categories().iter();
        Ok(categories
            .map(|category| Category::from_checked(&category.name))
            .collect())
    }

    /// The streams of a category and their versions, in the order of their keys: at most `limit`
    /// of those behind the key `after`.
    pub fn streams(
        &self,
        category: &Category,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(StreamId, Version)>, ReadError> {
        let shared = self.readable()?;
        let Some((id, _)) = shared.names().category_id(category.as_str()) else {
            return Ok(Vec::new());
        };
        let named = |(key, version)| (StreamId::from_checked(category.clone(), key), version);
        if !self.is_read_only() {
            let streams = shared.index.streams(id, after, limit)?;
            return Ok(streams.into_iter().map(named).collect());
        }
        let mut visible = Vec::new();
        let mut after = after.cloned();
        while visible.len() < limit {
            let wanted = limit - visible.len();
            let known = shared.index.streams(id, after.as_ref(), wanted)?;
            let is_last = known.len() < wanted;
            after = known.last().map(|(key, _)| key.clone());
            for (stream, _) in known.into_iter().map(named) {
                let version = self.last_version(&stream)?;
                visible.extend((version > Version::ZERO).then_some((stream, version)));
            }
            if is_last {
                break;
            }
        }
        Ok(visible)
    }

    /// How many bytes the store takes on the disk.
    pub fn size(&self) -> Result<StoreSize, ReadError> {
        let shared = self.readable()?;
        Ok(StoreSize {
            log_bytes: shared.log.bytes_on_disk()?,
            index_bytes: shared.index.bytes_on_disk()?,
        })
    }

    /// Whether the store was opened for reading only.
    pub fn is_read_only(&self) -> bool {
        self.0.role.is_reader()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.shared.clock)
    }

    /// What reads work on, as new as the store is.
    pub(crate) fn readable(&self) -> Result<&Shared, StorageError> {
        self.0.shared.check()?;
        if self.is_read_only() {
            self.0.role.refresh();
            self.0.shared.check()?;
        }
        Ok(&self.0.shared)
    }

    /// Hands the events of the log above `after` and up to `last` to `visitor`.
    pub(crate) fn visit_after(
        &self,
        after: Position,
        last: Position,
        visitor: &mut dyn FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        read::visit_frames(self.readable()?, after, last.next(), visitor)
    }

    /// The version of the last event that this process shows: its index may know later ones.
    fn last_version(&self, stream: &StreamId) -> Result<Version, ReadError> {
        let mut last = Version::ZERO;
        self.read_stream(stream)
            .backwards()
            .limit(1)
            .visit(|event| {
                last = event.version();
                ControlFlow::Break(())
            })?;
        Ok(last)
    }

    /// Hands a commit to the writer.
    pub(crate) async fn post(
        &self,
        mut commit: Box<Unwritten>,
        reply: oneshot::Sender<Result<Written, AppendError>>,
    ) -> Result<(), AppendError> {
        let names = self.0.shared.shared_names();
        names.see(|names| commit.prepare(names))?;
        self.send(Job::Commit(commit, reply)).await
    }

    async fn send(&self, job: Job) -> Result<(), AppendError> {
        self.0.shared.check()?;
        let Some(queue) = self.0.role.queue() else {
            return Err(AppendError::ReadOnly);
        };
        // The writer waits for the folder when the tail is full, and the folder for this thread.
        if self.0.shared.index.is_open_here() {
            return Err(AppendError::TablesOpen);
        }
        queue
            .send(job)
            .await
            .map_err(|()| self.writer_is_gone().into())
    }

    /// The error for a writer thread that does not answer any more. While there is a handle, it
    /// ends only by a panic; jobs in its hands fall before it can say so itself.
    fn writer_is_gone(&self) -> StorageError {
        let shared = &self.0.shared;
        shared.poison(&StorageError::panicked("the writer thread"));
        shared.check().err().unwrap_or_else(StorageError::closed)
    }

    fn registered(&self) -> RwLockReadGuard<'_, Registered> {
        let registered = self.0.registered.read();
        registered.unwrap_or_else(PoisonError::into_inner)
    }

    fn registered_mut(&self) -> RwLockWriteGuard<'_, Registered> {
        let registered = self.0.registered.write();
        registered.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.0.path)
            .field("head", &self.0.shared.head().get())
            .field("read_only", &self.is_read_only())
            .finish()
    }
}

/// How many bytes a store takes on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreSize {
    /// The log: the truth. With the room that its last segment has for what comes, up to 4 MiB.
    pub log_bytes: u64,
    /// The index: derived, and made again when it is gone.
    pub index_bytes: u64,
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn a_head_that_moves_just_after_it_was_looked_at_is_looked_at_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let looked = Cell::new(false);
        let mut waiting = pin!(store.wait_for(|shared| {
            let head = looked.replace(true).then(|| shared.head());
            shared.publish(Position::ZERO);
            head
        }));
        let polled = waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(head)) if head == 0));
    }
}
