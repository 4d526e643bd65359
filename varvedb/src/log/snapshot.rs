//! The log as it stood at one moment, read where it lies.

#![expect(
    clippy::inline_always,
    reason = "measured: a record is large, and to return it from call to call took a third of a scan"
)]

use std::sync::Arc;

use crate::error::StorageError;
use crate::log::End;
use crate::log::flaw::Flaw;
use crate::log::frame::{Frame, FrameHeader, Record, RecordHeader, Run};
use crate::log::scan::beginning;
use crate::log::segment::{Access, HEADER_BYTES, Segment};
use crate::position::{Place, Position};

/// Everything up to an end of the log. Keeps the segments it shows mapped while it lives.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(super) end: End,
    /// Segment n is the (n - 1)-th.
    pub(super) segments: Arc<Vec<Arc<Segment>>>,
}

impl Snapshot {
    /// Finds records by their places.
    pub(crate) fn finder(&self) -> Finder<'_> {
        Finder {
            snapshot: self,
            frame: None,
            run: None,
        }
    }

    /// Looks at what the records at these places will be read and verified with, and at nothing
    /// else, so that the memory of all comes at once: one after the other would wait for each.
    pub(crate) fn warm(&self, places: impl Iterator<Item = Place> + Clone) {
        let records = places.clone().filter_map(|place| self.from(place));
        let seen = records.fold(0, |seen, bytes| {
            seen ^ byte(bytes, 0) ^ byte(bytes, LINE_BYTES)
        });
        let frames = places.filter_map(|place| self.frame_of(place));
        let seen = frames.fold(seen, |seen, (frame, run)| {
            seen ^ byte(frame, 0) ^ byte(frame, FrameHeader::BYTES + run)
        });
        std::hint::black_box(seen);
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
    /// headers of their frames and the entries of their runs.
    pub(crate) fn fetch_frames(&self, places: impl Iterator<Item = Place>) {
        for place in places {
            let (Some(segment), Some(record)) = (self.segment(place), self.from(place)) else {
                continue;
            };
            let offset = usize::try_from(place.offset()).unwrap_or(usize::MAX);
            let header = RecordHeader::parse(record);
            let frame = header.and_then(|header| {
                let back = usize::try_from(header.frame_back).ok()?.checked_mul(16)?;
                let run = usize::try_from(header.run).ok()?.checked_mul(16)?;
                Some((offset.checked_sub(back)?, run))
            });
            if let Some((frame, run)) = frame {
                segment.fetch(frame, FrameHeader::BYTES);
                segment.fetch(frame.saturating_add(FrameHeader::BYTES + run), LINE_BYTES);
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
    fn bytes(&self, place: Place, access: Access) -> Result<(&Segment, &[u8]), StorageError> {
        let last = self.end.place;
        let segment = self.segment(place).ok_or_else(|| self.outside(place))?;
        let bytes = if place.segment == last.segment {
            segment.published(last.offset(), access)?
        } else {
            segment.sealed(access)?
        };
        Ok((segment, bytes))
    }

    /// The published bytes from a place on.
    fn from(&self, place: Place) -> Option<&[u8]> {
        let (_, bytes) = self.bytes(place, Access::Scattered).ok()?;
        bytes.get(usize::try_from(place.offset()).ok()?..)
    }

    /// The bytes from the beginning of the frame on that the record at this place says it is in,
    /// and where in its stream table the record's run is.
    fn frame_of(&self, place: Place) -> Option<(&[u8], usize)> {
        let header = RecordHeader::parse(self.from(place)?)?;
        let frame = Place {
            unit: place.unit.checked_sub(header.frame_back)?,
            ..place
        };
        let run = usize::try_from(header.run).ok()?.checked_mul(16)?;
        Some((self.from(frame)?, run))
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

/// What comes from memory at once.
const LINE_BYTES: usize = 64;

/// What comes from the disk at once, at least.
const PAGE_BYTES: usize = 4096;

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// Finds records by their places. The next one is often in the frame and of the run of the last:
/// these are verified once.
#[derive(Debug)]
pub(crate) struct Finder<'s> {
    snapshot: &'s Snapshot,
    frame: Option<Frame<'s>>,
    /// A run of that frame, and where its entry is.
    run: Option<(u32, Run<'s>)>,
}

impl<'s> Finder<'s> {
    /// The record at this place, verified; it has to have this position.
    #[inline(always)]
    pub(crate) fn record(
        &mut self,
        place: Place,
        position: Position,
    ) -> Result<Record<'s>, StorageError> {
        let (segment, bytes) = self.snapshot.bytes(place, Access::Scattered)?;
        self.find((segment, bytes), place, position)
            .map_err(|what| {
                let flaw = Flaw::new(what);
                flaw.damage(&segment.path, place, position)
            })
    }

    #[inline(always)]
    fn find(
        &mut self,
        (segment, bytes): (&'s Segment, &'s [u8]),
        place: Place,
        position: Position,
    ) -> Result<Record<'s>, &'static str> {
        const OUTSIDE: &str = "no record is where the index says";
        let offset = usize::try_from(place.offset()).map_err(|_| OUTSIDE)?;
        let header = bytes.get(offset..).and_then(RecordHeader::parse);
        let header = header.ok_or(OUTSIDE)?;
        let unit = place.unit.checked_sub(header.frame_back).ok_or(OUTSIDE)?;
        let frame_place = Place { unit, ..place };
        let at = usize::try_from(place.offset() - frame_place.offset()).map_err(|_| OUTSIDE)?;
        if self.frame.as_ref().map(Frame::place) != Some(frame_place) {
            let rest = bytes.get(offset - at..).ok_or(OUTSIDE)?;
            let frame = Frame::open(&segment.path, rest, segment.salt, frame_place);
            self.frame = Some(frame.map_err(|flaw| flaw.what)?);
            self.run = None;
        }
        let frame = self.frame.as_ref().ok_or(OUTSIDE)?;
        if frame.first_position().plus(header.index.into()) != position {
            return Err("the record is not of the position that the index says");
        }
        if self.run.as_ref().map(|(units, _)| *units) != Some(header.run) {
            self.run = Some((header.run, frame.run(header.run)?));
        }
        let (_, run) = self.run.as_ref().ok_or(OUTSIDE)?;
        frame.record(at, &header, run)
    }
}

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
