//! One event, as it lies in the frame of its commit.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::event::MetadataRef;
use crate::log::fields::{Fields, is_zero, padding};
use crate::log::flaw::Flaw;
use crate::log::frame::header::FrameHeader;
use crate::log::frame::run::Run;
use crate::position::{Place, Position, Version};
use crate::stream::KeyRef;

/// A recorded event, borrowed from where it lies; names are still numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) position: Position,
    pub(crate) version: Version,
    pub(crate) category: u32,
    pub(crate) key: KeyRef<'a>,
    pub(crate) type_id: u32,
    pub(crate) revision: u16,
    pub(crate) id: Uuid,
    pub(crate) time: Timestamp,
    pub(crate) metadata: MetadataRef<'a>,
    /// Aligned to 16 bytes.
    pub(crate) payload: &'a [u8],
    pub(crate) place: Place,
}

pub(in crate::log) const HEADER_BYTES: usize = 32;
/// The longest a payload may be.
pub(in crate::log) const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;
/// The most metadata, padded, that a record has room for.
pub(in crate::log) const MAX_EXTRAS_BYTES: usize = u16::MAX as usize * 16;

/// The first 32 bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct RecordHeader {
    pub(in crate::log) checksum: u32,
    /// How far back its frame begins, in units of 16 bytes.
    pub(in crate::log) frame_back: u32,
    /// Which event of its commit it is.
    pub(in crate::log) index: u32,
    /// Where in the stream table the entry of its run is, in units of 16 bytes.
    pub(in crate::log) run: u32,
    /// Which event of its run it is.
    pub(in crate::log) ordinal: u32,
    pub(in crate::log) type_id: u32,
    pub(in crate::log) revision: u16,
    pub(in crate::log) extras_units: u16,
    pub(in crate::log) payload_len: u32,
}

impl RecordHeader {
    pub(in crate::log) const BYTES: usize = HEADER_BYTES;

    /// Reads the header at the front of a record.
    #[inline]
    pub(in crate::log) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes.first_chunk::<HEADER_BYTES>()?);
        Some(Self {
            checksum: fields.u32()?,
            index: fields.u32()?,
            payload_len: fields.u32()?,
            frame_back: fields.u32()?,
            run: fields.u32()?,
            ordinal: fields.u32()?,
            type_id: fields.u32()?,
            revision: fields.u16()?,
            extras_units: fields.u16()?,
        })
    }

    /// Writes the header over the front of a record.
    pub(in crate::log) fn put(&self, record: &mut [u8]) {
        let words = [
            self.checksum,
            self.index,
            self.payload_len,
            self.frame_back,
            self.run,
            self.ordinal,
            self.type_id,
            u32::from(self.extras_units) << 16 | u32::from(self.revision),
        ];
        if let Some(front) = record.first_chunk_mut::<HEADER_BYTES>() {
            front.copy_from_slice(words.map(u32::to_le_bytes).as_flattened());
        }
    }

    /// Puts the checksum into a whole record at `position`, in a run with this checksum.
    pub(in crate::log) fn sign(record: &mut [u8], run_checksum: u32, position: Position) {
        let checksum = checksum(run_checksum, position, record);
        if let Some(slot) = record.first_chunk_mut::<4>() {
            *slot = checksum.to_le_bytes();
        }
    }

    /// Bytes of the whole record.
    pub(in crate::log) fn record_len(&self) -> usize {
        let payload = usize::try_from(self.payload_len).unwrap_or(usize::MAX / 2);
        len_of(self.extras_bytes(), payload)
    }

    fn extras_bytes(&self) -> usize {
        usize::from(self.extras_units) * 16
    }
}

/// Bytes of a record with so much metadata and payload.
pub(in crate::log) const fn len_of(extras: usize, payload: usize) -> usize {
    HEADER_BYTES + extras + padding(extras) + payload + padding(payload)
}

/// What a record has to agree with, known from its surroundings.
#[derive(Clone, Copy)]
pub(in crate::log) struct Expected<'f, 'a> {
    pub(in crate::log) header: &'f FrameHeader,
    pub(in crate::log) run: &'f Run<'a>,
    pub(in crate::log) index: u32,
    /// Where the record is; its frame is `at` bytes further up.
    pub(in crate::log) place: Place,
    pub(in crate::log) at: usize,
}

impl<'a> Record<'a> {
    /// Verifies the record at the front of `bytes`, whose header was read; returns its length, too.
    #[inline(always)]
    pub(in crate::log) fn parse(
        bytes: &'a [u8],
        header: &RecordHeader,
        expected: Expected<'_, 'a>,
    ) -> Result<(Self, usize), Flaw> {
        const SHORT: Flaw = Flaw::new("a record is longer than its frame");
        let payload_len = usize::try_from(header.payload_len).map_err(|_| SHORT)?;
        if payload_len > MAX_PAYLOAD_BYTES {
            return Err(Flaw::new("a record's payload is longer than any may be"));
        }
        let len = len_of(header.extras_bytes(), payload_len);
        let bytes = bytes.get(..len).ok_or(SHORT)?;
        let position = expected.header.first.plus(expected.index.into());
        if header.checksum != checksum(expected.run.checksum, position, bytes) {
            return Err(Flaw::new("a record's checksum does not match"));
        }
        if header.index != expected.index {
            return Err(Flaw::new("a record is not the one that belongs here"));
        }
        if usize::try_from(header.frame_back).ok() != Some(expected.at / 16) {
            return Err(Flaw::whole("a record is not of the frame that it is in"));
        }
        let record = Self::read(bytes, header, position, expected)?;
        Ok((record, len))
    }

    #[inline(always)]
    fn read(
        bytes: &'a [u8],
        header: &RecordHeader,
        position: Position,
        expected: Expected<'_, 'a>,
    ) -> Result<Self, Flaw> {
        const SHORT: Flaw = Flaw::new("a record is longer than its frame");
        let payload_len = usize::try_from(header.payload_len).map_err(|_| SHORT)?;
        let mut body = Fields::new(bytes.get(HEADER_BYTES..).ok_or(SHORT)?);
        let extras = body.slice(header.extras_bytes()).ok_or(SHORT)?;
        let payload = body.slice(payload_len).ok_or(SHORT)?;
        let pad = body.slice(padding(payload_len)).ok_or(SHORT)?;
        if !is_zero(pad) {
            return Err(Flaw::whole("a record's padding is not zero"));
        }
        let metadata = MetadataRef::check(extras).map_err(Flaw::whole)?;
        let first_version = expected.run.first_version.get();
        let version = first_version
            .checked_add(header.ordinal.into())
            .ok_or(Flaw::whole("a record's version is out of range"))?;
        Ok(Self {
            position,
            version: Version::new(version),
            category: expected.run.category,
            key: expected.run.key,
            type_id: header.type_id,
            revision: header.revision,
            id: metadata
                .event_id()
                .unwrap_or_else(|| event_id(expected.header.commit_id, header.index)),
            time: expected.header.time,
            metadata,
            payload,
            place: expected.place,
        })
    }
}

/// The id of the `index`-th event of a commit, if the writer gave it no other.
fn event_id(commit_id: Uuid, index: u32) -> Uuid {
    Uuid::from_u128(commit_id.as_u128().wrapping_add(index.into()))
}

/// What stands before byte 8 is left out: the checksum itself, and the index, which has to be the
/// expected one anyway. So the rest begins where the CPU takes eight bytes at a time.
#[inline]
fn checksum(run: u32, position: Position, record: &[u8]) -> u32 {
    let [a, b, c, d, ..] = (position.get() ^ position.get() >> 32).to_le_bytes();
    let start = run ^ u32::from_le_bytes([a, b, c, d]);
    crc32c::crc32c_append(start, record.get(8..).unwrap_or_default())
}
