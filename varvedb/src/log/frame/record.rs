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

    /// Reads the header, and the checksum before it.
    pub(in crate::log) fn parse(bytes: &[u8]) -> Option<(u32, Self)> {
        let mut fields = Fields::new(bytes.first_chunk::<HEADER_BYTES>()?);
        let checksum = fields.u32()?;
        let payload_len = fields.u32()?;
        let header = Self {
            payload_len,
            frame_back: fields.u32()?,
            index: fields.u32()?,
            run: fields.u32()?,
            ordinal: fields.u32()?,
            type_id: fields.u32()?,
            revision: fields.u16()?,
            extras_units: fields.u16()?,
        };
        Some((checksum, header))
    }

    /// Writes the header over the front of a record, without a checksum.
    pub(in crate::log) fn put(&self, record: &mut [u8]) {
        let words = [
            0,
            self.payload_len,
            self.frame_back,
            self.index,
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
        if let Some((slot, rest)) = record.split_first_chunk_mut::<4>() {
            *slot = checksum(run_checksum, position, rest).to_le_bytes();
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
    /// Reads and verifies the record at the front of `bytes`; returns its length, too.
    pub(in crate::log) fn parse(
        bytes: &'a [u8],
        expected: Expected<'_, 'a>,
    ) -> Result<(Self, usize), Flaw> {
        const SHORT: Flaw = Flaw::new("a record is longer than its frame");
        let (stored, header) = RecordHeader::parse(bytes).ok_or(SHORT)?;
        let payload_len = usize::try_from(header.payload_len).map_err(|_| SHORT)?;
        if payload_len > MAX_PAYLOAD_BYTES {
            return Err(Flaw::new("a record's payload is longer than any may be"));
        }
        let len = len_of(header.extras_bytes(), payload_len);
        let (_, covered) = bytes
            .get(..len)
            .and_then(<[u8]>::split_first_chunk::<4>)
            .ok_or(SHORT)?;
        let position = expected.header.first.plus(expected.index.into());
        if stored != checksum(expected.run.checksum, position, covered) {
            return Err(Flaw::new("a record's checksum does not match"));
        }
        let in_place = header.index == expected.index
            && usize::try_from(header.frame_back).ok() == Some(expected.at / 16);
        if !in_place {
            return Err(Flaw::whole("a record is not the one that belongs here"));
        }
        let record = Self::read(bytes, &header, position, expected)?;
        Ok((record, len))
    }

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

pub(in crate::log) fn checksum(run: u32, position: Position, covered: &[u8]) -> u32 {
    let placed = crc32c::crc32c_append(run, &position.get().to_le_bytes());
    crc32c::crc32c_append(placed, covered)
}
