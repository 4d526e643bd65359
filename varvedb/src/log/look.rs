//! Looking at one place of the log after another, wherever they are.

use crate::error::StorageError;
use crate::log::segment::{Access, Segment};
use crate::log::snapshot::Snapshot;
use crate::position::Place;

/// What was looked into last, in which the next place mostly is as well: to find a segment and what
/// of it is published took a tenth of a load.
#[derive(Debug)]
pub(super) struct Look<'s> {
    snapshot: &'s Snapshot,
    last: Option<(&'s Segment, &'s [u8])>,
}

impl<'s> Look<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self {
            snapshot,
            last: None,
        }
    }

    /// The segment that a place is in, and all its bytes that are published.
    #[inline]
    pub(super) fn bytes(&mut self, place: Place) -> Result<(&'s Segment, &'s [u8]), StorageError> {
        match self.last {
            Some(last) if last.0.number == place.segment => Ok(last),
            _ => self.turn(place),
        }
    }

    #[cold]
    fn turn(&mut self, place: Place) -> Result<(&'s Segment, &'s [u8]), StorageError> {
        let found = self.snapshot.bytes(place, Access::Scattered)?;
        self.last = Some(found);
        Ok(found)
    }

    /// The published bytes from a place on.
    #[inline]
    pub(super) fn from(&mut self, place: Place) -> Option<&'s [u8]> {
        let (_, bytes) = self.bytes(place).ok()?;
        bytes.get(usize::try_from(place.offset()).ok()?..)
    }
}
