//! Looking at one place of the log after another, wherever they are.

use crate::error::StorageError;
use crate::log::finder::Sought;
use crate::log::frame::{FrameHeader, RecordHeader};
use crate::log::prefetch::prefetch;
use crate::log::segment::{Access, Segment};
use crate::log::snapshot::Snapshot;
use crate::position::Place;

/// What comes from memory at once.
pub(super) const LINE_BYTES: usize = 64;

/// What is asked for of a record whose length is not known yet.
const FIRST_BYTES: usize = 2 * LINE_BYTES;

/// How much of a record is asked for at all: behind it the CPU has seen by itself what is wanted.
const LAST_BYTES: usize = 1024;

/// What was looked into last, in which the next place mostly is as well: to find a segment and what
/// of it is published took a tenth of a load.
#[derive(Debug)]
pub(crate) struct Look<'s> {
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

    /// Asks the CPU for the record at a place, and does not wait.
    #[inline]
    pub(crate) fn prefetch(&mut self, place: Place) {
        if let Some(record) = self.from(place) {
            prefetch(record.get(..FIRST_BYTES).unwrap_or(record));
        }
    }

    /// The same for what else it is read and verified with, which it says itself: its end, and the header
    /// of its frame. Waits for the record if it is not there yet.
    #[inline]
    pub(crate) fn prefetch_rest(&mut self, place: Place, sought: Sought) {
        let record = self.from(place).unwrap_or_default();
        let Some(header) = RecordHeader::parse(record) else {
            return;
        };
        let end = header.record_len(LINE_BYTES).min(LAST_BYTES);
        prefetch(record.get(FIRST_BYTES..end).unwrap_or_default());
        if sought == Sought::Whole {
            let frame = place.back(header.frame_back);
            let frame = frame.and_then(|place| self.from(place)?.get(..FrameHeader::BYTES));
            prefetch(frame.unwrap_or_default());
        }
    }

    /// Looks at the record at a place, and so waits until it is in memory.
    pub(crate) fn touch(&mut self, place: Place) {
        let record = self.from(place).unwrap_or_default();
        std::hint::black_box((record.first().copied(), record.get(LINE_BYTES).copied()));
    }
}
