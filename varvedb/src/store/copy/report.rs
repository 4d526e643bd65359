//! What became of a copy.

use crate::position::Position;

/// What a copy has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyReport {
    /// Up to where the source was copied: its head when the run began.
    pub head: Position,
    /// Events of the source, those of earlier runs included.
    pub read: u64,
    /// Of these, how many are as they were.
    pub kept: u64,
    /// How many were changed.
    pub changed: u64,
    /// How many were left out.
    pub dropped: u64,
    /// Events that the new store held before this run.
    pub found: u64,
    /// Events that this run has written.
    pub written: u64,
}

impl CopyReport {
    /// Nothing is done yet.
    pub(super) fn new(head: Position, found: Position) -> Self {
        Self {
            head,
            read: 0,
            kept: 0,
            changed: 0,
            dropped: 0,
            found: found.get(),
            written: 0,
        }
    }
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyProgress {
    /// Whether all is written, and both stores are read once more and compared.
    pub is_verifying: bool,
    /// The position in the source that has been reached.
    pub position: Position,
    /// The last position that will be.
    pub head: Position,
}
