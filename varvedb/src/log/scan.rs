//! Walking over frames that nothing is proved of yet, one after another, across segments.
//!
//! Three need it: the writer when it opens the log, a reading process when it opens the log, and
//! a reading process that takes in what was written since. They differ in what they make of the
//! place where it ends; see [`recovery`](crate::log::recovery).

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Damage, StorageError};
use crate::log::fields::is_zero;
use crate::log::flaw::Flaw;
use crate::log::frame::{Frame, FrameHeader, MAGIC, Salt};
use crate::log::segment::{
    self, FOOTER_BYTES, FOOTER_MAGIC, Footer, HEADER_BYTES, SegmentHeader, Totals,
};
use crate::log::window::Window;
use crate::log::{End, Start};
use crate::position::{Place, Position};

/// What takes in the frames, one after another.
pub(super) type Visit<'v> = dyn FnMut(&Frame<'_>) -> Result<(), StorageError> + 'v;

/// A scan, at the place it has reached.
#[derive(Debug)]
pub(super) struct Scan {
    dir: PathBuf,
    store_id: Uuid,
    /// The last position, place and time that were seen.
    pub(super) end: End,
    /// What was seen of the segment that `end` is in, from `seen_from` on.
    pub(super) totals: Totals,
    pub(super) seen_from: u64,
    /// The segment's file; `None` when it is not there, or holds nothing, not even a header.
    pub(super) open: Option<Open>,
}

/// A segment's file that is being scanned.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) header: SegmentHeader,
    pub(super) window: Window,
    path: PathBuf,
    salt: Salt,
}

/// Why a scan went no further.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The first segment was not begun.
    Unborn,
    /// Zeros follow, where a frame would begin.
    End,
    /// The segment is sealed, and the next one was not begun.
    Sealed,
    /// What follows is not a frame.
    Flaw(Flaw),
    /// The next frame lies behind the bound.
    Bound,
}

enum Step {
    Frame,
    Stop(Stop),
    Footer(Footer),
}

const HEADER_UNITS: u32 = 4;
const _: () = assert!(HEADER_UNITS as u64 * Place::UNIT == HEADER_BYTES);

/// Where the frames of a segment begin.
pub(super) const fn beginning(segment: u32) -> Place {
    Place {
        segment,
        unit: HEADER_UNITS,
    }
}

impl Scan {
    /// A scan that starts where the index ends.
    pub(super) fn start(dir: &Path, store_id: Uuid, start: Start) -> Result<Self, StorageError> {
        let place = start.place.unwrap_or(beginning(1));
        let mut scan = Self {
            dir: dir.to_owned(),
            store_id,
            end: End {
                position: start.position,
                place,
                time: Timestamp::from_micros(i64::MIN),
            },
            totals: Totals::default(),
            seen_from: place.offset(),
            open: None,
        };
        scan.open = scan.open_segment(place.segment)?;
        if place != beginning(1) || start.position > Position::ZERO {
            scan.end.time = scan.time_before(place)?;
        }
        Ok(scan)
    }

    pub(super) fn path(&self, segment: u32) -> PathBuf {
        segment::path(&self.dir, segment)
    }

    /// Takes in frames, none with an event behind `bound`, until there is a reason to stop.
    pub(super) fn run(
        &mut self,
        bound: Option<Position>,
        visit: &mut Visit<'_>,
    ) -> Result<Stop, StorageError> {
        if self.open.is_none() {
            self.open = self.open_segment(self.end.place.segment)?;
        }
        loop {
            match self.step(bound, visit)? {
                Step::Frame => {}
                Step::Stop(stop) => return Ok(stop),
                Step::Footer(footer) => {
                    if let Some(stop) = self.leave_segment(&footer)? {
                        return Ok(stop);
                    }
                }
            }
        }
    }

    fn step(
        &mut self,
        bound: Option<Position>,
        visit: &mut Visit<'_>,
    ) -> Result<Step, StorageError> {
        let Some(open) = &mut self.open else {
            return Ok(Step::Stop(Stop::Unborn));
        };
        if bound.is_some_and(|bound| self.end.position >= bound) {
            return Ok(Step::Stop(Stop::Bound));
        }
        let offset = self.end.place.offset();
        let head = open.window.get(offset, FrameHeader::BYTES)?;
        if let Some(footer) = Footer::parse(head, offset) {
            return Ok(Step::Footer(footer));
        }
        if is_zero(head) {
            return Ok(Step::Stop(Stop::End));
        }
        let header = match FrameHeader::parse(head, open.salt, self.end.place) {
            Ok(header) => header,
            Err(flaw) => return Ok(Step::Stop(Stop::Flaw(flaw))),
        };
        if bound.is_some_and(|bound| header.first > bound || header.last() > bound) {
            return Ok(Step::Stop(Stop::Bound));
        }
        let len = usize::try_from(header.len).unwrap_or(usize::MAX);
        let bytes = open.window.get(offset, len)?;
        let frame = Frame::open(&open.path, bytes, open.salt, self.end.place)
            .and_then(|frame| frame.verify().map(|()| frame))
            .and_then(|frame| follows(&frame, self.end, open.header.capacity));
        match frame {
            Ok(frame) => {
                visit(&frame)?;
                self.totals.add(header.records, bytes);
                self.end = End {
                    position: frame.last_position(),
                    place: frame.end_place(),
                    time: frame.time(),
                };
                Ok(Step::Frame)
            }
            Err(flaw) => Ok(Step::Stop(Stop::Flaw(flaw))),
        }
    }

    /// Goes on to the next segment, if it was begun.
    fn leave_segment(&mut self, footer: &Footer) -> Result<Option<Stop>, StorageError> {
        let Some(open) = &mut self.open else {
            return Ok(Some(Stop::Unborn));
        };
        let whole = self.seen_from == HEADER_BYTES;
        if footer.first != open.header.first
            || footer.last != self.end.position
            || (whole && footer.totals != self.totals)
        {
            return Err(self.damaged_here("a segment's footer does not agree with its frames"));
        }
        let behind = footer.end + FOOTER_BYTES;
        if open.window.written_end(behind)? != behind {
            return Err(self.damaged_here("something was written behind a segment's footer"));
        }
        let Some(number) = self.end.place.segment.checked_add(1) else {
            return Ok(Some(Stop::Sealed));
        };
        let Some(next) = self.open_segment(number)? else {
            if self.is_followed(number) {
                return Err(StorageError::damaged(Damage {
                    path: self.path(number),
                    offset: 0,
                    position: Some(self.end.position.next()),
                    what: "a segment that others follow is empty",
                }));
            }
            return Ok(Some(Stop::Sealed));
        };
        if next.header.first != self.end.position.next() {
            return Err(StorageError::damaged(Damage {
                path: self.path(number),
                offset: 0,
                position: Some(self.end.position.next()),
                what: "a segment does not go on where the one before it ends",
            }));
        }
        self.enter_segment(next);
        Ok(None)
    }

    /// Goes on at the beginning of this segment.
    pub(super) fn enter_segment(&mut self, open: Open) {
        self.end.place = beginning(open.header.number);
        self.totals = Totals::default();
        self.seen_from = HEADER_BYTES;
        self.open = Some(open);
    }

    /// `None` when the file is not there, or was created and nothing was written to it.
    pub(super) fn open_segment(&self, number: u32) -> Result<Option<Open>, StorageError> {
        let path = self.path(number);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StorageError::io("open", &path, error)),
        };
        let Some(header) = SegmentHeader::read(&file, &path, number, self.store_id)? else {
            return Ok(None);
        };
        Ok(Some(Open {
            header,
            window: Window::new(file, &path)?,
            path,
            salt: Salt::new(self.store_id, number),
        }))
    }

    /// Whether something in its segment proves that what lies at the place this scan has reached was
    /// durable once: a footer, or a later frame that says so.
    pub(super) fn is_proved_behind(&mut self) -> Result<bool, StorageError> {
        let place = self.end.place;
        let expected = self.end.position.next();
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        let mut offset = place.offset() + Place::UNIT;
        while offset < open.window.len() {
            let head = open.window.get(offset, FrameHeader::BYTES)?;
            if head.starts_with(&FOOTER_MAGIC) && Footer::parse(head, offset).is_some() {
                return Ok(true);
            }
            if head.starts_with(&MAGIC) {
                let place = Place {
                    unit: u32::try_from(offset / Place::UNIT).unwrap_or(u32::MAX),
                    ..place
                };
                match FrameHeader::parse(head, open.salt, place) {
                    Ok(header) if header.durable >= expected => return Ok(true),
                    _ => {}
                }
            }
            offset += Place::UNIT;
        }
        Ok(false)
    }

    /// Whether there is a file behind that of this segment.
    pub(super) fn is_followed(&self, segment: u32) -> bool {
        let next = segment.checked_add(1).map(|next| self.path(next));
        next.is_some_and(|next| fs::symlink_metadata(next).is_ok())
    }

    /// Whether nothing was written behind the place this scan has reached.
    pub(super) fn is_at_end(&mut self) -> Result<bool, StorageError> {
        let offset = self.end.place.offset();
        match &mut self.open {
            Some(open) => Ok(open.window.written_end(offset)? == offset),
            None => Ok(true),
        }
    }

    /// The time of the frame that ends where this scan starts; with it, the proof that one does.
    fn time_before(&mut self, place: Place) -> Result<Timestamp, StorageError> {
        let missing = "the log ends before what the index holds, or is of another time; restore \
                       the log whole, or, if this older log is meant, delete the index directory: \
                       it is built anew from the log";
        if self.open.is_none() {
            return Err(self.damaged_here(missing));
        }
        if place.offset() <= HEADER_BYTES {
            let ends_here =
                self.open.as_ref().map(|open| open.header.first) == Some(self.end.position.next());
            return match place.segment.checked_sub(1) {
                Some(before) if before > 0 && ends_here => self.time_at_end_of(before),
                _ => Err(self.damaged_here(missing)),
            };
        }
        let header = match &mut self.open {
            Some(open) => frame_before(open, place)?,
            None => None,
        };
        match header {
            Some(header) if header.last() == self.end.position => Ok(header.time),
            _ => Err(self.damaged_here(missing)),
        }
    }

    fn time_at_end_of(&self, segment: u32) -> Result<Timestamp, StorageError> {
        let path = self.path(segment);
        let missing = "a segment that others follow has no footer";
        let Some(mut open) = self.open_segment(segment)? else {
            return Err(self.damaged_here("the segment before this one is missing"));
        };
        let footer = segment::read_footer(&open.window.file, &path)?
            .ok_or_else(|| self.damaged_here(missing))?;
        let place = Place {
            segment,
            unit: u32::try_from(footer.end / Place::UNIT).unwrap_or(u32::MAX),
        };
        match frame_before(&mut open, place)? {
            Some(header) => Ok(header.time),
            // It was sealed empty, since the first frame of all was too large for it.
            None if segment == 1 => Ok(Timestamp::from_micros(i64::MIN)),
            None => Err(self.damaged_here("the segment before this one has no frames")),
        }
    }

    /// What is wrong at the place this scan has reached.
    pub(super) fn damaged_here(&self, what: &'static str) -> StorageError {
        let place = self.end.place;
        let position = self.end.position.next();
        Flaw::new(what).damage(&self.path(place.segment), place, position)
    }
}

/// Whether a frame that is whole is also the next one.
fn follows<'a>(frame: &Frame<'a>, end: End, capacity: u64) -> Result<Frame<'a>, Flaw> {
    if frame.first_position() != end.position.next() {
        Err(Flaw::whole(
            "a frame does not go on where the one before it ends",
        ))
    } else if frame.time() < end.time {
        Err(Flaw::whole(
            "the time of a frame is before that of an earlier one",
        ))
    } else if frame.end_place().offset() + FOOTER_BYTES > capacity {
        Err(Flaw::whole("a frame reaches beyond the end of its segment"))
    } else {
        Ok(*frame)
    }
}

/// The header of the frame that ends at `place`, looked for backwards.
fn frame_before(open: &mut Open, place: Place) -> Result<Option<FrameHeader>, StorageError> {
    let end = place.offset();
    if end > open.window.len() {
        return Ok(None);
    }
    let mut reach = 16 * 1024_u64;
    let mut searched = end;
    loop {
        let start = end.saturating_sub(reach).max(HEADER_BYTES);
        let count = usize::try_from(end - start).unwrap_or(usize::MAX);
        let bytes = open.window.get(start, count)?.to_vec();
        while searched > start {
            searched -= Place::UNIT;
            let skip = usize::try_from(searched - start).unwrap_or(usize::MAX);
            let head = bytes.get(skip..).unwrap_or_default();
            let at = Place {
                unit: u32::try_from(searched / Place::UNIT).unwrap_or(u32::MAX),
                ..place
            };
            if let Ok(header) = FrameHeader::parse(head, open.salt, at)
                && searched + u64::from(header.len) == end
            {
                return Ok(Some(header));
            }
        }
        if start == HEADER_BYTES || reach >= u64::from(FrameHeader::MAX_FRAME_BYTES) {
            return Ok(None);
        }
        reach *= 16;
    }
}

/// What lies between the beginning of a segment and `end`, all of it verified before.
pub(super) fn totals_before(
    dir: &Path,
    store_id: Uuid,
    segment: u32,
    end: u64,
) -> Result<Totals, StorageError> {
    let path = segment::path(dir, segment);
    let file = File::open(&path).map_err(|error| StorageError::io("open", &path, error))?;
    let mut window = Window::new(file, &path)?;
    let salt = Salt::new(store_id, segment);
    let mut totals = Totals::default();
    let mut place = beginning(segment);
    while place.offset() < end {
        let head = window.get(place.offset(), FrameHeader::BYTES)?;
        let header = FrameHeader::parse(head, salt, place)
            .map_err(|flaw| flaw.damage(&path, place, Position::ZERO))?;
        totals.add(header.records, head);
        place.unit = place.unit.saturating_add(header.len / 16);
    }
    Ok(totals)
}
