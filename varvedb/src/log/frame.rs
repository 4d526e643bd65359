//! A frame: one commit, or some definitions, as it lies in a segment.
//!
//! - Headers and records are valid only at the place they were laid at ([`header`], [`record`]).
//! - A record is verified with nothing but itself and the name of its stream, which it carries or
//!   knows the way to: in time that depends on nothing but its own length.
//! - Records are in one order and without gaps.

#![expect(
    clippy::inline_always,
    reason = "measured: a record is large, and to return it from call to call took a third of a scan"
)]

mod header;
mod name;
mod record;

use std::path::Path;

pub(crate) use self::header::FrameKind;
pub(super) use self::header::{FrameHeader, MAGIC, Salt};
pub(super) use self::name::Name;
pub(crate) use self::record::MAX_PAYLOAD_BYTES;
pub(super) use self::record::{Expected, MAX_EXTRAS_BYTES, RecordHeader, Seed};
pub(crate) use self::record::{Record, event_id};
use crate::clock::Timestamp;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::log::fields::{Fields, is_zero, pad};
use crate::log::flaw::Flaw;
use crate::position::{Place, Position, Version};

/// A frame whose header is verified; its contents are verified as they are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    path: &'a Path,
    salt: Salt,
    place: Place,
    header: FrameHeader,
    /// Exactly as many as the header says.
    bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame at the front of `bytes`, which lie at `place` in the segment at `path`.
    pub(super) fn open(
        path: &'a Path,
        bytes: &'a [u8],
        salt: Salt,
        place: Place,
    ) -> Result<Self, Flaw> {
        let header = FrameHeader::parse(bytes, salt, place)?;
        let bytes = usize::try_from(header.len)
            .ok()
            .and_then(|len| bytes.get(..len))
            .ok_or(Flaw::new("a frame is cut short"))?;
        Ok(Self {
            path,
            salt,
            place,
            header,
            bytes,
        })
    }

    /// Verifies every byte.
    pub(super) fn verify(&self) -> Result<(), Flaw> {
        match self.header.kind {
            FrameKind::Commit => {
                let mut records = self.records();
                while records.advance()?.is_some() {}
                Ok(())
            }
            FrameKind::Definitions => self.decode_definitions().map(drop),
        }
    }

    #[cfg(test)]
    pub(super) fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// Where it begins.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Where the next one begins, unless that is in the next segment.
    pub(crate) fn end_place(&self) -> Place {
        Place {
            unit: self.place.unit.saturating_add(self.header.len / 16),
            ..self.place
        }
    }

    pub(crate) fn kind(&self) -> FrameKind {
        self.header.kind
    }

    /// The position of its first event; of the next event, if it has none.
    pub(crate) fn first_position(&self) -> Position {
        self.header.first
    }

    /// The position of its last event; of the event before, if it has none.
    pub(crate) fn last_position(&self) -> Position {
        self.header.last()
    }

    /// When it was committed.
    pub(crate) fn time(&self) -> Timestamp {
        self.header.time
    }

    /// The definitions in it; none, if it is a commit.
    pub(crate) fn definitions(&self) -> Result<Vec<Definition>, StorageError> {
        match self.header.kind {
            FrameKind::Commit => Ok(Vec::new()),
            FrameKind::Definitions => self.decode_definitions().map_err(|flaw| self.damaged(flaw)),
        }
    }

    /// The events in it, each verified when it is reached; none behind one that is damaged, and
    /// none in a frame of definitions.
    pub(crate) fn records(&self) -> Records<'a> {
        Records {
            frame: *self,
            name: None,
            version: Version::ZERO,
            position: self.header.first,
            at: match self.header.kind {
                FrameKind::Commit => FrameHeader::BYTES,
                FrameKind::Definitions => self.bytes.len(),
            },
        }
    }

    /// A verified record with what the frame's header says of it, if it is in this frame.
    #[inline(always)]
    pub(super) fn complete(&self, record: Record<'a>) -> Option<Record<'a>> {
        let events = self.header.first..=self.header.last();
        let within = self.place.unit..self.end_place().unit;
        let is_in = events.contains(&record.position) && within.contains(&record.place.unit);
        is_in.then(|| record.complete(&self.header))
    }

    fn decode_definitions(&self) -> Result<Vec<Definition>, Flaw> {
        let body = self.bytes.get(FrameHeader::BYTES..).unwrap_or_default();
        let mut text = definitions_body(body).ok_or(Flaw::new(
            "the checksum of a frame of definitions does not match",
        ))?;
        let mut definitions = Vec::new();
        while !text.is_empty() {
            definitions.push(Definition::decode(&mut text).map_err(Flaw::whole)?);
        }
        Ok(definitions)
    }

    /// The error for a verified frame that says what cannot be.
    pub(crate) fn invalid(&self, what: &'static str) -> StorageError {
        self.damaged(Flaw::new(what))
    }

    fn damaged(&self, flaw: Flaw) -> StorageError {
        flaw.damage(self.path, self.place, self.header.first)
    }
}

/// The body of a definitions frame is a checksum of all that follows in it, a length, and so many
/// bytes of definitions, zero-padded.
fn definitions_body(body: &[u8]) -> Option<&[u8]> {
    let (stored, covered) = body.split_first_chunk::<4>()?;
    let mut fields = Fields::new(covered);
    let len = usize::try_from(fields.u32()?).ok()?;
    let text = fields.slice(len)?;
    let rest = covered.get(len.checked_add(4)?..)?;
    let valid =
        u32::from_le_bytes(*stored) == crc32c::crc32c(covered) && is_zero(rest) && rest.len() < 16;
    valid.then_some(text)
}

/// Writes the body of a definitions frame behind `out`.
pub(super) fn encode_definitions(text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text);
    pad(out.len() - start, out);
    if let Some((slot, covered)) = out
        .get_mut(start..)
        .and_then(<[u8]>::split_first_chunk_mut::<4>)
    {
        *slot = crc32c::crc32c(covered).to_le_bytes();
    }
}

/// The records of a frame, in order.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    frame: Frame<'a>,
    /// Of the run that the last record belongs to, and where the record is that carries it.
    name: Option<(usize, Name<'a>)>,
    /// Of the last record.
    version: Version,
    /// Of the next record, and where it is.
    position: Position,
    at: usize,
}

impl<'a> Records<'a> {
    /// The next record; `None` when all were there and nothing else.
    #[inline(always)]
    fn advance(&mut self) -> Result<Option<Record<'a>>, Flaw> {
        let frame = &self.frame;
        let (at, position) = (self.at, self.position);
        if position > frame.header.last() {
            return if at == frame.bytes.len() {
                Ok(None)
            } else {
                Err(self.flaw(Flaw::whole("a frame holds more than its records")))
            };
        }
        let bytes = frame.bytes.get(at..).unwrap_or_default();
        let header = RecordHeader::parse(bytes)
            .ok_or_else(|| self.flaw(Flaw::new("a record is longer than its frame")))?;
        if header.names_stream() {
            self.name = Some((at, self.own_name(bytes)?));
        }
        let Some((name_at, name)) = &self.name else {
            return Err(self.flaw(Flaw::new("a record is of no stream of its frame")));
        };
        let units = u32::try_from(at / 16).unwrap_or(u32::MAX);
        let expected = Expected {
            salt: frame.salt,
            place: Place {
                unit: frame.place.unit.saturating_add(units),
                ..frame.place
            },
            position,
            name,
        };
        let (record, len) =
            Record::parse(bytes, &header, expected).map_err(|flaw| self.flaw(flaw))?;
        self.follows(&header, *name_at)
            .map_err(|flaw| self.flaw(flaw))?;
        self.version = record.version;
        self.position = position.next();
        self.at += len;
        Ok(Some(record.complete(&self.frame.header)))
    }

    #[inline]
    fn own_name(&self, bytes: &'a [u8]) -> Result<Name<'a>, Flaw> {
        let name = bytes.get(RecordHeader::BYTES..).unwrap_or_default();
        Name::parse(name).map_err(|what| self.flaw(Flaw::new(what)))
    }

    /// Whether a verified record is the one that belongs here.
    #[inline]
    fn follows(&self, header: &RecordHeader, name_at: usize) -> Result<(), Flaw> {
        let units = |bytes: usize| u32::try_from(bytes / 16).unwrap_or(u32::MAX);
        if header.frame_back != units(self.at) {
            // No checksum covers it.
            return Err(Flaw::new("a record is not of the frame that it is in"));
        }
        if header.name_back != units(self.at - name_at) {
            return Err(Flaw::whole("a record is not of the run that it is in"));
        }
        if !header.names_stream() && header.version != self.version.next() {
            return Err(Flaw::whole(
                "a record's version is not the next one of its run",
            ));
        }
        Ok(())
    }

    fn flaw(&self, flaw: Flaw) -> Flaw {
        let index = self.position.get() - self.frame.header.first.get();
        flaw.in_record(self.at, u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, StorageError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        match self.advance() {
            Ok(record) => record.map(Ok),
            Err(flaw) => {
                let error = self.frame.damaged(flaw);
                // Behind damage there is nothing to trust: make the next call end the iteration.
                self.position = self.frame.header.last().next();
                self.at = self.frame.bytes.len();
                Some(Err(error))
            }
        }
    }
}
