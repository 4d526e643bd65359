//! What is wrong with the bytes of a frame, before it is known whether that is damage.

use std::path::Path;

use crate::error::{Damage, StorageError};
use crate::position::{Place, Position};

/// Bytes that are not a valid frame, and where in it they go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Bytes from the start of the frame.
    at: usize,
    /// The event they belong to, counted within the frame.
    index: u32,
    pub(super) what: &'static str,
    /// The checksum holds, so this is no write that was torn: a newer version laid it, or a
    /// faulty one. It is never cut off.
    pub(super) whole: bool,
}

impl Flaw {
    /// Bytes that may have been torn.
    pub(super) const fn new(what: &'static str) -> Self {
        Self {
            at: 0,
            index: 0,
            what,
            whole: false,
        }
    }

    /// Bytes that are what was written, and still not what they have to be.
    pub(super) const fn whole(what: &'static str) -> Self {
        Self {
            whole: true,
            ..Self::new(what)
        }
    }

    /// The same flaw, in the record that is `at` bytes behind the frame's beginning.
    pub(super) const fn in_record(self, at: usize, index: u32) -> Self {
        Self { at, index, ..self }
    }

    /// The flaw as damage in a frame that has to be at `place` and to start at `first`.
    pub(super) fn damage(self, path: &Path, place: Place, first: Position) -> StorageError {
        StorageError::damaged(Damage {
            path: path.to_owned(),
            offset: place.offset().saturating_add(self.at as u64),
            position: Some(first.plus(self.index.into())),
            what: self.what,
        })
    }
}
