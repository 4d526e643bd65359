//! What the replay of a store has found.

use std::fmt;

use crate::codec::DecodeError;
use crate::error::StorageError;
use crate::event::RecordedEvent;
use crate::pii::PiiError;
use crate::position::{Position, Version};
use crate::store::{OpenError, ReadError, RegisterError};
use crate::stream::{NameError, StreamId};

/// How many failures are printed; all of them are kept.
const SHOWN: usize = 20;

/// What the replay of a store has found. Printed, it is a count and the first failures.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReplayReport {
    /// The aggregate's type.
    pub aggregate: &'static str,
    /// Streams that were read.
    pub streams: u64,
    /// Events that were read, but for those that were skipped.
    pub events: u64,
    /// Events of retired types.
    pub skipped: u64,
    /// Everything that failed, in the order of the streams' keys.
    pub failures: Vec<ReplayFailure>,
}

/// How far the replay of a store has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayProgress {
    /// Streams that were begun.
    pub streams: u64,
    /// Events that were read.
    pub events: u64,
    /// Events of the whole store, whatever their category.
    pub at_most: u64,
}

/// An event that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {position} of stream {stream}, a `{type_name}` of revision {revision}: {flaw}")]
#[non_exhaustive]
pub struct ReplayFailure {
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the log.
    pub position: Position,
    /// Its place in the stream.
    pub version: Version,
    /// Its type.
    pub type_name: String,
    /// Its revision.
    pub revision: u16,
    /// Why it cannot be replayed.
    pub flaw: ReplayFlaw,
}

/// Why an event cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayFlaw {
    /// It cannot be read as one of the aggregate's events.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// No event before it has created the aggregate.
    #[error("`{event}` comes before any event that creates the aggregate")]
    NotCreated {
        /// The variant, or the type's stored name where it is retired.
        event: &'static str,
    },
    /// The stream's key is not an id of the aggregate.
    #[error("the key of its stream is not a valid `{id}`")]
    Key {
        /// The id's type.
        id: &'static str,
    },
    /// A box of personal data that somebody looked into cannot be opened, although there is a key vault.
    #[error(transparent)]
    Pii(#[from] PiiError),
    /// An upcast or a handler panicked.
    #[error("an upcast or a handler panicked: {0}")]
    Panicked(String),
}

/// Why a store could not be replayed at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The events have another shape than those in the store.
    #[error(transparent)]
    Schema(#[from] RegisterError),
    /// The events' category is not a valid name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ReadError> for ReplayError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Storage(error) => Self::Storage(error),
        }
    }
}

impl ReplayReport {
    pub(super) fn new(aggregate: &'static str) -> Self {
        Self {
            aggregate,
            streams: 0,
            events: 0,
            skipped: 0,
            failures: Vec::new(),
        }
    }
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            aggregate,
            streams,
            events,
            skipped,
            failures,
        } = self;
        write!(
            f,
            "{aggregate}: {streams} streams, {events} events, {skipped} skipped, {} failures",
            failures.len()
        )?;
        for failure in failures.iter().take(SHOWN) {
            write!(f, "\n  {failure}")?;
        }
        match failures.len().checked_sub(SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n  and {more} more"),
        }
    }
}

impl ReplayFailure {
    pub(super) fn of(event: &RecordedEvent<'_>, flaw: ReplayFlaw) -> Self {
        Self {
            stream: event.stream().to_stream_id(),
            position: event.position(),
            version: event.version(),
            type_name: event.type_name().to_owned(),
            revision: event.meta().revision(),
            flaw,
        }
    }
}
