//! Why an aggregate could not be loaded, saved, or asked.

use crate::aggregate::Rejected;
use crate::codec::DecodeError;
use crate::error::StorageError;
use crate::pii::{Fenced, PiiError};
use crate::position::Position;
use crate::store::{AppendError, ReadError, RegisterError, VersionConflict};
use crate::stream::{NameError, StreamId};

/// Why [`Repository::load`](super::Repository::load) gave no aggregate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The stream has no events, or had none at the moment that was asked for.
    #[error("there is no stream {stream}; start one with `repo.fresh`")]
    NotFound {
        /// The stream.
        stream: StreamId,
    },
    /// An event could not be read as one of the aggregate's.
    #[error("event {position} of stream {stream} cannot be replayed: {source}")]
    Decode {
        /// The stream.
        stream: StreamId,
        /// The event's position.
        position: Position,
        /// Why not.
        source: DecodeError,
    },
    /// A sealed box of an event could not be opened, and a handler looked into it.
    #[error("personal data in event {position} of stream {stream} cannot be read: {source}")]
    Pii {
        /// The stream.
        stream: StreamId,
        /// The event's position.
        position: Position,
        /// Why not.
        source: PiiError,
    },
    /// The stream does not begin with an event that creates the aggregate.
    #[error(
        "stream {stream} cannot be replayed: `{event}` at position {position} comes before any \
         event that creates the {aggregate}"
    )]
    NotCreated {
        /// The aggregate's type.
        aggregate: &'static str,
        /// The event's variant.
        event: &'static str,
        /// The stream.
        stream: StreamId,
        /// The event's position.
        position: Position,
    },
    /// The events have another shape than those in the store.
    #[error(transparent)]
    Schema(#[from] RegisterError),
    /// The id cannot name a stream.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ReadError> for LoadError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Storage(error) => Self::Storage(error),
        }
    }
}

/// Why [`Repository::save`](super::Repository::save) wrote nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// Somebody else has written to the stream since the aggregate was loaded.
    #[error(transparent)]
    Conflict(VersionConflict),
    /// An event cannot be stored.
    #[error("`{type_name}` cannot be stored: {reason}")]
    Encode {
        /// The event's type.
        type_name: &'static str,
        /// Why not.
        reason: String,
    },
    /// An event holds personal data of somebody who was shredded.
    #[error(transparent)]
    SubjectShredded(Fenced),
    /// The events have another shape than those in the store.
    #[error(transparent)]
    Schema(#[from] RegisterError),
    /// The id cannot name a stream.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The store did not take the commit.
    #[error(transparent)]
    Append(AppendError),
}

impl From<AppendError> for SaveError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict(conflict) => Self::Conflict(conflict),
            AppendError::SubjectShredded(fenced) => Self::SubjectShredded(fenced),
            other => Self::Append(other),
        }
    }
}

/// Why [`Repository::execute`](super::Repository::execute) changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<E> {
    /// The command was not carried out.
    #[error("{0}")]
    Rejected(Rejected<E>),
    /// The aggregate could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What it decided could not be saved; a conflict here means that every retry met one.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl<E> From<Rejected<E>> for ExecuteError<E> {
    fn from(rejected: Rejected<E>) -> Self {
        Self::Rejected(rejected)
    }
}
