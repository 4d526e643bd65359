//! Why a store was not copied.

use std::path::PathBuf;

use super::RewriteError;
use crate::codec::DynamicError;
use crate::error::StorageError;
use crate::event::TypeName;
use crate::position::Position;
use crate::store::{AppendError, OpenError, RegisterError};

/// Why a store was not copied to its end. The source is as it was; what was copied before stays in
/// the target, and the same call goes on there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The target is the source, or a copy of its files.
    #[error(
        "{} is the very store that is to be copied, or a copy of its files; choose another directory",
        .path.display()
    )]
    Itself {
        /// The target.
        path: PathBuf,
    },
    /// The target lies inside of the source.
    #[error("{} lies inside of the store that is to be copied; choose a directory outside", .path.display())]
    Inside {
        /// The target.
        path: PathBuf,
    },
    /// The new store could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The target holds events that this copy would not have written.
    #[error(
        "the target is not a copy of this store by this function: at its position {position} {what}; \
         choose an empty directory, or copy as it was begun"
    )]
    NotThisCopy {
        /// The first position in the target that is another.
        position: Position,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The target is not what was written to it, or the function did not answer twice alike.
    #[error(
        "the copy is not what was to be written: at its position {position} {what}; does the function \
         always give the same answer? delete the copy and begin again"
    )]
    Unverified {
        /// The first position in the target that is another.
        position: Position,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The function failed.
    #[error("could not decide on the event at position {position}: {source}")]
    Map {
        /// The event's position in the source.
        position: Position,
        /// What the function said.
        source: RewriteError,
    },
    /// Events were to be upcast by a program that the source does not let read them.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Events of different layouts were to be stored under one type and revision.
    #[error(
        "the event at position {position} cannot be stored as `{type_name}` revision {revision}: \
         this has another layout in the new store\n  there: {there}\n  event: {layout}\n\
         give it another type or revision, or bring all events of the type into one layout"
    )]
    Layout {
        /// The event's position in the source.
        position: Position,
        /// The type that it was to have.
        type_name: TypeName,
        /// The revision that it was to have.
        revision: u16,
        /// The layout that the type has.
        there: String,
        /// The layout of the event.
        layout: String,
    },
    /// An event was to get a revision before which one is missing.
    #[error(
        "the event at position {position} cannot be stored as `{type_name}` revision {revision}: nothing \
         says what the layout of revision {missing} is, and no program would be let into the new store; \
         give it revision {missing}"
    )]
    Gap {
        /// The event's position in the source.
        position: Position,
        /// The type that it was to have.
        type_name: TypeName,
        /// The revision that it was to have.
        revision: u16,
        /// The first revision before it that has no layout.
        missing: u16,
    },
    /// A payload that the function gave is not a value of its event's layout.
    #[error(
        "the event at position {position} cannot be stored as `{type_name}` revision {revision} with the \
         payload that it was given: {reason}"
    )]
    Payload {
        /// The event's position in the source.
        position: Position,
        /// Its type.
        type_name: TypeName,
        /// Its revision.
        revision: u16,
        /// What is wrong with the payload.
        reason: DynamicError,
    },
    /// An event with sealed personal data was to become another, in which its boxes could not be opened.
    #[error(
        "the event at position {position}, `{type_name}`, has sealed personal data, which is bound to its id, type, \
         revision and payload: keep it, move it to another stream, give it other metadata, or drop it"
    )]
    Sealed {
        /// The event's position in the source.
        position: Position,
        /// Its type.
        type_name: TypeName,
    },
    /// An event was not taken by the new store.
    #[error("could not write the commit of position {position}: {source}")]
    Append {
        /// The position in the source of the first event of its commit.
        position: Position,
        /// Why not.
        source: AppendError,
    },
    /// The disk failed, or bytes are not what was written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
