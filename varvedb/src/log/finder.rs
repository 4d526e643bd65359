//! Records by their places.

#![expect(
    clippy::inline_always,
    reason = "measured: a record is large, and to return it from call to call took a third of a scan"
)]

use crate::error::StorageError;
use crate::log::flaw::Flaw;
use crate::log::frame::{Expected, Frame, Name, Record, RecordHeader};
use crate::log::look::Look;
use crate::log::segment::Segment;
use crate::log::snapshot::Snapshot;
use crate::position::{Place, Position};

/// How much of a record somebody needs who knows its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// All of it.
    Whole,
    /// What it is without its frame: neither id nor time. Those are in the frame's header, and to
    /// look there is a second way to memory, which takes as long as everything else.
    Alone,
}

/// Finds records by their places. The next one is often in the frame and of the run of the last:
/// these are verified once.
#[derive(Debug)]
pub(crate) struct Finder<'s> {
    look: Look<'s>,
    sought: Sought,
    frame: Option<Frame<'s>>,
    /// The name of a stream, and where the record is that carries it.
    name: Option<(Place, Name<'s>)>,
}

impl<'s> Finder<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, sought: Sought) -> Self {
        Self {
            look: snapshot.look(),
            sought,
            frame: None,
            name: None,
        }
    }

    /// The record at this place, verified; it has to have this position.
    #[inline(always)]
    pub(crate) fn record(
        &mut self,
        place: Place,
        position: Position,
    ) -> Result<Record<'s>, StorageError> {
        let (segment, bytes) = self.look.bytes(place)?;
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
        let record = from(bytes, place)?;
        let header = RecordHeader::parse(record).ok_or(OUTSIDE)?;
        let named = place.back(header.name_back).ok_or(OUTSIDE)?;
        if self.name.as_ref().map(|(place, _)| *place) != Some(named) {
            let name = from(bytes, named)?.get(RecordHeader::BYTES..);
            self.name = Some((named, Name::parse(name.ok_or(OUTSIDE)?)?));
        }
        let (_, name) = self.name.as_ref().ok_or(OUTSIDE)?;
        let expected = Expected {
            salt: segment.salt,
            place,
            position,
            name,
        };
        let (found, _) = Record::parse(record, &header, expected).map_err(|flaw| flaw.what)?;
        match self.sought {
            Sought::Alone => Ok(found),
            Sought::Whole => self.complete((segment, bytes), &header, found),
        }
    }

    /// Adds what the frame says of a record.
    #[inline(always)]
    fn complete(
        &mut self,
        (segment, bytes): (&'s Segment, &'s [u8]),
        header: &RecordHeader,
        record: Record<'s>,
    ) -> Result<Record<'s>, &'static str> {
        let place = record.place.back(header.frame_back).ok_or(OUTSIDE)?;
        if self.frame.as_ref().map(Frame::place) != Some(place) {
            let frame = Frame::open(&segment.path, from(bytes, place)?, segment.salt, place);
            self.frame = Some(frame.map_err(|flaw| flaw.what)?);
        }
        let frame = self.frame.as_ref().ok_or(OUTSIDE)?;
        frame
            .complete(record)
            .ok_or("a record is not of the frame that it says")
    }
}

const OUTSIDE: &str = "no record is where the index says";

/// The bytes of a segment from a place in it on.
#[inline]
fn from(bytes: &[u8], place: Place) -> Result<&[u8], &'static str> {
    let offset = usize::try_from(place.offset()).map_err(|_| OUTSIDE)?;
    bytes.get(offset..).ok_or(OUTSIDE)
}
