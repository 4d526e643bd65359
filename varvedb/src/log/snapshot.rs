//! The log as it stood at one moment, read where it lies.

use std::sync::Arc;

use crate::error::StorageError;
use crate::log::End;
use crate::log::finder::{Finder, Sought};
use crate::log::flaw::Flaw;
use crate::log::frame::{Frame, FrameHeader, Record, RecordHeader};
use crate::log::look::{LINE_BYTES, Look};
use crate::log::scan::beginning;
use crate::log::segment::{Access, HEADER_BYTES, Segment};
use crate::position::Place;

/// Everything up to an end of the log. Keeps the segments it shows mapped while it lives.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(super) end: End,
    /// Segment n is the (n - 1)-th.
    pub(super) segments: Arc<Vec<Arc<Segment>>>,
}

impl Snapshot {
    /// Finds records by their places.
    pub(crate) fn finder(&self, sought: Sought) -> Finder<'_> {
        Finder::new(self, sought)
    }

    /// All frames in order, across segments, from one that begins at `from` on; `None` is the
    /// beginning of the log. What is read of a frame is verified as it is read.
    pub(crate) fn frames(&self, from: Option<Place>) -> Frames<'_> {
        Frames {
            snapshot: self,
            place: from.unwrap_or(beginning(1)),
            failed: false,
        }
    }

    /// The error for a verified record that says what cannot be.
    pub(crate) fn damaged(&self, record: &Record<'_>, what: &'static str) -> StorageError {
        match self.bytes(record.place, Access::InOrder) {
            Ok((segment, _)) => {
                Flaw::new(what).damage(&segment.path, record.place, record.position)
            }
            Err(error) => error,
        }
    }

    /// Asks the kernel to fetch what lies at these places: all at once, where reading one after
    /// the other would wait for the disk each time.
    pub(crate) fn fetch(&self, places: impl Iterator<Item = Place>) {
        let mut last = None;
        for place in places {
            let Ok(offset) = usize::try_from(place.offset()) else {
                continue;
            };
            let start = offset.saturating_sub(FrameHeader::BYTES + LINE_BYTES);
            let page = (place.segment, start / PAGE_BYTES);
            if last.replace(page) != Some(page)
                && let Some(segment) = self.segment(place)
            {
                segment.fetch(start, PAGE_BYTES);
            }
        }
    }

    /// The same for what the records at these places, which are in memory, say they belong to: the
    /// headers of their frames and the names of their streams.
    pub(crate) fn fetch_frames(&self, places: impl Iterator<Item = Place>, sought: Sought) {
        let mut look = self.look();
        for place in places {
            let (Some(record), Some(segment)) = (look.from(place), self.segment(place)) else {
                continue;
            };
            let Some(header) = RecordHeader::parse(record) else {
                continue;
            };
            let back = |units| place.back(units).map(Place::offset).map(usize::try_from);
            if let (Some(Ok(frame)), Sought::Whole) = (back(header.frame_back), sought) {
                segment.fetch(frame, FrameHeader::BYTES);
            }
            if let Some(Ok(named)) = back(header.name_back) {
                segment.fetch(named, LINE_BYTES);
            }
        }
    }

    fn segment(&self, place: Place) -> Option<&Segment> {
        let index = usize::try_from(place.segment.checked_sub(1)?).ok()?;
        let known = self.segments.get(index);
        known
            .filter(|_| place.segment <= self.end.place.segment)
            .map(|segment| &**segment)
    }

    /// The segment that `place` is in, and all its bytes that are published.
    pub(super) fn bytes(
        &self,
        place: Place,
        access: Access,
    ) -> Result<(&Segment, &[u8]), StorageError> {
        let last = self.end.place;
        let segment = self.segment(place).ok_or_else(|| self.outside(place))?;
        let bytes = if place.segment == last.segment {
            segment.published(last.offset(), access)?
        } else {
            segment.sealed(access)?
        };
        Ok((segment, bytes))
    }

    /// Looks at one place after another.
    pub(crate) fn look(&self) -> Look<'_> {
        Look::new(self)
    }

    fn outside(&self, place: Place) -> StorageError {
        let path = self
            .segments
            .last()
            .map(|segment| {
                segment
                    .path
                    .with_file_name(format!("{:016}.varve", place.segment))
            })
            .unwrap_or_default();
        let flaw = Flaw::new("a place in a segment that the log does not have");
        flaw.damage(&path, place, self.end.position)
    }
}

/// What comes from the disk at once, at least.
const PAGE_BYTES: usize = 4096;

/// The frames of a snapshot, in order.
#[derive(Clone, Debug)]
pub(crate) struct Frames<'s> {
    snapshot: &'s Snapshot,
    place: Place,
    failed: bool,
}

impl<'s> Frames<'s> {
    fn advance(&mut self) -> Result<Option<Frame<'s>>, StorageError> {
        loop {
            if self.place >= self.snapshot.end.place {
                return Ok(None);
            }
            let (segment, bytes) = self.snapshot.bytes(self.place, Access::InOrder)?;
            let offset = usize::try_from(self.place.offset()).unwrap_or(usize::MAX);
            if self.place.offset() < HEADER_BYTES || offset > bytes.len() {
                return Err(self.snapshot.outside(self.place));
            }
            let rest = bytes.get(offset..).unwrap_or_default();
            if rest.is_empty() {
                self.place = beginning(self.place.segment.saturating_add(1));
                continue;
            }
            let frame = Frame::open(&segment.path, rest, segment.salt, self.place)
                .map_err(|flaw| segment.damaged(self.place.offset(), flaw.what))?;
            self.place = frame.end_place();
            return Ok(Some(frame));
        }
    }
}

impl<'s> Iterator for Frames<'s> {
    type Item = Result<Frame<'s>, StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let frame = self.advance();
        self.failed = frame.is_err();
        frame.transpose()
    }
}
