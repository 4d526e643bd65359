//! A frame: one commit, or some definitions, as it lies in a segment.
//!
//! - A header is valid only at the place it was laid at ([`header`]).
//! - Each record's checksum goes on from that of its run's entry in the stream table, so one
//!   record can be verified alone, in time that depends on nothing but its own length.
//! - Runs and records are in one order and without gaps; there are no two ways to lay a commit.

#![expect(
    clippy::inline_always,
    reason = "measured: a record is large, and to return it from call to call took a third of a scan"
)]

mod header;
mod record;
mod run;

use std::path::Path;

pub(crate) use self::header::FrameKind;
pub(super) use self::header::{FrameHeader, MAGIC, Salt};
pub(crate) use self::record::Record;
pub(super) use self::record::{Expected, MAX_EXTRAS_BYTES, MAX_PAYLOAD_BYTES, RecordHeader};
pub(super) use self::run::Run;
use crate::clock::Timestamp;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::log::fields::{Fields, is_zero, pad};
use crate::log::flaw::Flaw;
use crate::position::{Place, Position};

/// A frame whose header is verified; its contents are verified as they are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    path: &'a Path,
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
        let table = self.table();
        Records {
            frame: *self,
            table,
            run: None,
            run_at: 0,
            next_run_at: 0,
            ordinal: 0,
            index: 0,
            at: match self.header.kind {
                FrameKind::Commit => FrameHeader::BYTES + table.len(),
                FrameKind::Definitions => self.bytes.len(),
            },
        }
    }

    /// The run whose entry is so many units into the stream table.
    #[inline]
    pub(super) fn run(&self, units: u32) -> Result<Run<'a>, &'static str> {
        let at = usize::try_from(units).ok().and_then(|u| u.checked_mul(16));
        let entry = at.and_then(|at| self.table().get(at..));
        Run::parse(entry.ok_or("a record is of no stream of its frame")?)
    }

    /// The entries of its runs; none, if it is no commit.
    #[inline]
    fn table(&self) -> &'a [u8] {
        let table = usize::try_from(self.header.table).unwrap_or(usize::MAX);
        let behind_header = self.bytes.get(FrameHeader::BYTES..);
        let table = behind_header.and_then(|bytes| bytes.get(..table));
        table.unwrap_or_default()
    }

    /// The record of a run that begins `at` bytes behind the frame's beginning.
    #[inline(always)]
    pub(super) fn record(
        &self,
        at: usize,
        header: &RecordHeader,
        run: &Run<'a>,
    ) -> Result<Record<'a>, &'static str> {
        if at < FrameHeader::BYTES + self.table().len() || header.index >= self.header.records {
            return Err("no record begins here");
        }
        let read = self.read(at, run, header, header.index);
        read.map(|(record, _)| record).map_err(|flaw| flaw.what)
    }

    #[inline(always)]
    fn read(
        &self,
        at: usize,
        run: &Run<'a>,
        header: &RecordHeader,
        index: u32,
    ) -> Result<(Record<'a>, usize), Flaw> {
        let units = u32::try_from(at / 16).unwrap_or(u32::MAX);
        let expected = Expected {
            header: &self.header,
            run,
            index,
            place: Place {
                unit: self.place.unit.saturating_add(units),
                ..self.place
            },
            at,
        };
        Record::parse(self.bytes.get(at..).unwrap_or_default(), header, expected)
            .map_err(|flaw| flaw.in_record(at, index))
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
    table: &'a [u8],
    run: Option<Run<'a>>,
    run_at: usize,
    next_run_at: usize,
    ordinal: u32,
    index: u32,
    at: usize,
}

impl<'a> Records<'a> {
    /// The next record; `None` when all were there and nothing else.
    #[inline(always)]
    fn advance(&mut self) -> Result<Option<Record<'a>>, Flaw> {
        let (at, index) = (self.at, self.index);
        let flaw = |what| Flaw::new(what).in_record(at, index);
        if index == self.frame.header.records {
            let complete = at == self.frame.bytes.len() && self.next_run_at == self.table.len();
            return if complete {
                Ok(None)
            } else {
                Err(Flaw::whole("a frame holds more than its records"))
            };
        }
        let bytes = self.frame.bytes.get(at..).unwrap_or_default();
        let header = RecordHeader::parse(bytes).ok_or(flaw("a record is longer than its frame"))?;
        self.enter_run(&header).map_err(flaw)?;
        let run = self.run.as_ref().ok_or(flaw("a record is of no run"))?;
        let (record, len) = self.frame.read(at, run, &header, index)?;
        self.index += 1;
        self.ordinal += 1;
        self.at += len;
        Ok(Some(record))
    }

    /// Enters the run that the next record belongs to: the one before it goes on, or the next begins.
    #[inline]
    fn enter_run(&mut self, header: &RecordHeader) -> Result<(), &'static str> {
        let run_at = u64::from(header.run) * 16;
        if self.run.is_some() && run_at == self.run_at as u64 && header.ordinal == self.ordinal {
            return Ok(());
        }
        if run_at != self.next_run_at as u64 || header.ordinal != 0 {
            return Err("a record is not of the run that belongs here");
        }
        let run = Run::parse(self.table.get(self.next_run_at..).unwrap_or_default())?;
        self.run_at = self.next_run_at;
        self.next_run_at += run.len;
        self.run = Some(run);
        self.ordinal = 0;
        Ok(())
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
                self.index = self.frame.header.records;
                self.at = self.frame.bytes.len();
                self.next_run_at = self.table.len();
                Some(Err(error))
            }
        }
    }
}
