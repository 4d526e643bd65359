//! What is appended: one commit of events to one or several streams, all or nothing.

use super::expected::{ExpectedVersion, VersionConflict};
use super::unwritten::{StreamAppend, Unwritten};
use crate::error::StorageError;
use crate::event::{MetadataError, NewEvent};
use crate::log::LayError;
use crate::pii::Fenced;
use crate::position::{Position, Version};
use crate::stream::{Key, KeyKind, StreamId};
use crate::vault::VaultError;

/// When an append is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the events are on the disk: after the `fdatasync` of their group. The default.
    #[default]
    Sync,
    /// When the events are in their order, before they are on the disk. **A power cut loses what
    /// was answered in the last moments**, at most [`StoreOptions::sync_within`]'s worth; a crash
    /// of the process alone loses nothing.
    ///
    /// [`StoreOptions::sync_within`]: crate::StoreOptions::sync_within
    Buffered,
}

/// Events for one or several streams that are written together or not at all.
///
/// ```
/// # use varvedb::{ExpectedVersion, NewCommit, NewEvent, StreamId, TypeName};
/// # let (from, to) = (StreamId::new("account", 1)?, StreamId::new("account", 2)?);
/// # let moved = NewEvent::new(TypeName::new("account.moved")?, *b"5");
/// let transfer = NewCommit::new()
///     .append(from, ExpectedVersion::StreamExists, [moved.clone()])
///     .append(to, ExpectedVersion::StreamExists, [moved]);
/// # Ok::<_, varvedb::NameError>(())
/// ```
///
/// Events are encoded as they are added, so that the one writer has little left to do. What cannot
/// be stored, such as a payload of more than 16 MiB, is said by [`Store::commit`].
///
/// [`Store::commit`]: crate::Store::commit
#[derive(Clone, Debug)]
#[must_use = "a commit is written by `Store::commit`"]
pub struct NewCommit(Box<Unwritten>);

impl NewCommit {
    /// A commit without events.
    pub fn new() -> Self {
        Self(Unwritten::new())
    }

    /// Adds events for a stream, in order behind what was added before.
    pub fn append(
        mut self,
        stream: StreamId,
        expected: impl Into<ExpectedVersion>,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Self {
        self.0.append(stream, expected.into(), events);
        self
    }

    /// Says when the commit is answered.
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.0.durability = durability;
        self
    }

    /// What goes to the writer.
    pub(super) fn into_unwritten(self) -> Box<Unwritten> {
        self.0
    }
}

impl Default for NewCommit {
    fn default() -> Self {
        Self::new()
    }
}

/// A commit that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says at which positions the events were recorded"]
pub struct Appended {
    /// The position of the first event.
    pub first_position: Position,
    /// The position of the last event.
    pub last_position: Position,
    /// The version of each stream after the commit, in the order in which they were added.
    pub versions: Vec<Version>,
}

impl Appended {
    /// What became of a commit whose first event is at this position.
    pub(crate) fn new(commit: &Unwritten, first_position: Position) -> Self {
        Self {
            first_position,
            last_position: first_position.plus(commit.draft.events() as u64 - 1),
            versions: commit
                .streams
                .iter()
                .map(StreamAppend::last_version)
                .collect(),
        }
    }

    /// The version of the (last) stream after the commit.
    pub fn version(&self) -> Version {
        self.versions.last().copied().unwrap_or_default()
    }
}

/// Why a commit was not written. Whatever the reason, nothing of it was, unless the error is a
/// [`StorageError`]: after a failed write or sync it is unknown until the store is reopened.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A stream was not at the expected version.
    #[error(transparent)]
    Conflict(#[from] VersionConflict),
    /// A commit needs at least one event for each of its streams.
    #[error("nothing to append: a commit has at least one event for each of its streams")]
    Empty,
    /// A commit is larger than any may be.
    #[error("{what} has {actual} {unit}, at most {limit} are possible; {remedy}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        actual: u64,
        /// How large it may be.
        limit: u64,
        /// Of what.
        unit: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// The keys of a category are all of one kind, fixed by its first stream.
    #[error("the key of {stream} is {given}, but the keys of this category are {known}")]
    KeyKind {
        /// The stream.
        stream: StreamId,
        /// What the category's keys are.
        known: KeyKind,
        /// What this one is.
        given: KeyKind,
    },
    /// Two type names share one hash; rename the new one.
    #[error("event type `{new}` cannot be told from `{known}` by its hash; give it another name")]
    HashClash {
        /// The type in the store.
        known: String,
        /// The type that was refused.
        new: String,
    },
    /// The commit holds personal data of somebody who was shredded, for a purpose that was.
    #[error(transparent)]
    SubjectShredded(#[from] Fenced),
    /// The key vault gave no key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The category belongs to the store itself.
    #[error(
        "streams of the category `{category}` are written by the store alone; give yours another name"
    )]
    Reserved {
        /// The category.
        category: String,
    },
    /// The metadata cannot be stored.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// This process opened the store for reading.
    #[error("the store was opened read-only")]
    ReadOnly,
    /// This thread has the tables of a projection open. The writer may have to wait until they are
    /// closed, and would be waited for meanwhile, so the append is refused before it begins.
    #[error(
        "this thread has the tables of a projection open; append when the handler has returned, \
         or the `ReadTables` is dropped, or from a projection without tables"
    )]
    TablesOpen,
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<LayError> for AppendError {
    fn from(error: LayError) -> Self {
        let too_large = |what, actual, limit, unit, remedy| Self::TooLarge {
            what,
            actual,
            limit,
            unit,
            remedy,
        };
        let (split, elsewhere) = (
            "write several commits",
            "store it elsewhere and keep a reference",
        );
        match error {
            LayError::Storage(error) => Self::Storage(error),
            LayError::Events { count, max } => {
                too_large("a commit", count as u64, max.into(), "events", split)
            }
            LayError::Commit { bytes, max } => {
                too_large("a commit", bytes as u64, max.into(), "bytes", split)
            }
            LayError::Payload { bytes, max } => {
                let what = "an event's payload";
                too_large(what, bytes as u64, max as u64, "bytes", elsewhere)
            }
            LayError::Metadata { bytes, max } => {
                let what = "an event's metadata";
                too_large(what, bytes as u64, max as u64, "bytes", elsewhere)
            }
            LayError::Key { bytes } => {
                let (what, limit) = ("a stream key", Key::MAX_TEXT_BYTES as u64);
                too_large(what, bytes as u64, limit, "bytes", "give it a shorter one")
            }
            LayError::Stream => Self::Empty,
        }
    }
}
