//! One event, as it lies in the frame of its commit.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::event::MetadataRef;
use crate::log::checksum::crc32c_of_record;
use crate::log::fields::{Fields, is_zero, padding};
use crate::log::flaw::Flaw;
use crate::log::frame::header::{FrameHeader, Salt};
use crate::log::frame::name::Name;
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
pub(crate) const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;
/// The most metadata, padded, that a record has room for.
pub(in crate::log) const MAX_EXTRAS_BYTES: usize = u16::MAX as usize * 16;

/// The first 32 bytes of a record. Behind them stand the name of its stream, if it begins a run,
/// its metadata, and its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct RecordHeader {
    pub(in crate::log) checksum: u32,
    /// How far back its frame begins, in units of 16 bytes.
    pub(in crate::log) frame_back: u32,
    pub(in crate::log) payload_len: u32,
    /// How far back the record begins that names the stream, in units of 16 bytes; 0: it is this.
    pub(in crate::log) name_back: u32,
    pub(in crate::log) type_id: u32,
    pub(in crate::log) revision: u16,
    pub(in crate::log) extras_units: u16,
    pub(in crate::log) version: Version,
}

impl RecordHeader {
    pub(in crate::log) const BYTES: usize = HEADER_BYTES;

    /// Reads the header at the front of a record.
    #[inline]
    pub(in crate::log) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes.first_chunk::<HEADER_BYTES>()?);
        Some(Self {
            checksum: fields.u32()?,
            frame_back: fields.u32()?,
            payload_len: fields.u32()?,
            name_back: fields.u32()?,
            type_id: fields.u32()?,
            revision: fields.u16()?,
            extras_units: fields.u16()?,
            version: Version::new(fields.u64()?),
        })
    }

    /// Writes the header over the front of a record.
    pub(in crate::log) fn put(&self, record: &mut [u8]) {
        let words = [
            u64::from(self.frame_back) << 32 | u64::from(self.checksum),
            u64::from(self.name_back) << 32 | u64::from(self.payload_len),
            u64::from(self.extras_units) << 48
                | u64::from(self.revision) << 32
                | u64::from(self.type_id),
            self.version.get(),
        ];
        if let Some(front) = record.first_chunk_mut::<HEADER_BYTES>() {
            front.copy_from_slice(words.map(u64::to_le_bytes).as_flattened());
        }
    }

    /// Puts the checksum into a whole record.
    pub(in crate::log) fn sign(record: &mut [u8], seed: Seed) {
        let checksum = seed.checksum(record);
        if let Some(slot) = record.first_chunk_mut::<4>() {
            *slot = checksum.to_le_bytes();
        }
    }

    /// Whether the record says itself to which stream it belongs.
    pub(in crate::log) fn names_stream(&self) -> bool {
        self.name_back == 0
    }

    /// Bytes of the whole record, whose name has so many.
    pub(in crate::log) fn record_len(&self, name_bytes: usize) -> usize {
        let payload = usize::try_from(self.payload_len).unwrap_or(usize::MAX / 2);
        len_of(name_bytes, self.extras_bytes(), payload)
    }

    fn extras_bytes(&self) -> usize {
        usize::from(self.extras_units) * 16
    }
}

/// Bytes of a record with so much name, metadata and payload.
const fn len_of(name: usize, extras: usize, payload: usize) -> usize {
    HEADER_BYTES + name + extras + payload + padding(payload)
}

/// 2^64 divided by the golden ratio: the upper half of a product changes with every bit of a position.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What the checksum of a record goes on from: where it was laid, and to which stream.
///
/// So a record is valid only in its place, at its position, and with the name of its stream,
/// whether it carries that or the first record of its run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct Seed(u32);

impl Seed {
    /// Of a record of the stream whose name has this checksum.
    #[inline]
    pub(in crate::log) fn new(salt: Salt, place: Place, position: Position, name: u32) -> Self {
        // Positions and places grow together: spread, they do not cancel each other out.
        let [.., a, b, c, d] = position.get().wrapping_mul(SPREAD).to_le_bytes();
        Self(salt.at(place) ^ u32::from_le_bytes([a, b, c, d]) ^ name)
    }

    /// What stands before byte 8 is left out: the checksum itself, and the way back to the frame,
    /// where whoever goes it finds a header that is valid only there. So the rest begins where the
    /// CPU takes eight bytes at a time.
    #[inline]
    fn checksum(self, record: &[u8]) -> u32 {
        crc32c_of_record(self.0, record.get(8..).unwrap_or_default())
    }
}

/// Where a record lies, and to which stream it belongs.
#[derive(Clone, Copy)]
pub(in crate::log) struct Expected<'n, 'a> {
    pub(in crate::log) salt: Salt,
    pub(in crate::log) place: Place,
    pub(in crate::log) position: Position,
    pub(in crate::log) name: &'n Name<'a>,
}

impl<'a> Record<'a> {
    /// Verifies the record at the front of `bytes`, whose header was read; returns its length, too.
    /// What stands in the header of its frame is still missing: see [`Record::complete`].
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
        let name = expected.name;
        let name_len = if header.names_stream() { name.len } else { 0 };
        let seed = Seed::new(
            expected.salt,
            expected.place,
            expected.position,
            name.checksum,
        );
        let len = len_of(name_len, header.extras_bytes(), payload_len);
        let bytes = bytes.get(..len).ok_or(SHORT)?;
        if header.checksum != seed.checksum(bytes) {
            return Err(Flaw::new("a record's checksum does not match"));
        }
        let body = bytes.get(HEADER_BYTES + name_len..).ok_or(SHORT)?;
        let record = Self::read(body, header, expected)?;
        Ok((record, len))
    }

    #[inline(always)]
    fn read(
        body: &'a [u8],
        header: &RecordHeader,
        expected: Expected<'_, 'a>,
    ) -> Result<Self, Flaw> {
        const SHORT: Flaw = Flaw::new("a record is longer than its frame");
        let payload_len = usize::try_from(header.payload_len).map_err(|_| SHORT)?;
        let mut body = Fields::new(body);
        let extras = body.slice(header.extras_bytes()).ok_or(SHORT)?;
        let payload = body.slice(payload_len).ok_or(SHORT)?;
        let pad = body.slice(padding(payload_len)).ok_or(SHORT)?;
        if !is_zero(pad) {
            return Err(Flaw::whole("a record's padding is not zero"));
        }
        if header.version == Version::ZERO {
            return Err(Flaw::whole("a record has no version"));
        }
        let metadata = MetadataRef::check(extras).map_err(Flaw::whole)?;
        Ok(Self {
            position: expected.position,
            version: header.version,
            category: expected.name.category,
            key: expected.name.key,
            type_id: header.type_id,
            revision: header.revision,
            id: Uuid::nil(),
            time: Timestamp::default(),
            metadata,
            payload,
            place: expected.place,
        })
    }

    /// Adds what the header of its frame says: its time and, unless it has one of its own, its id.
    #[inline(always)]
    pub(in crate::log) fn complete(mut self, header: &FrameHeader) -> Self {
        let index = self.position.get().wrapping_sub(header.first.get());
        let own = self.metadata.event_id();
        self.id = own.unwrap_or_else(|| event_id(header.commit_id, index));
        self.time = header.time;
        self
    }
}

/// The id of the `index`-th event of a commit, if the writer gave it no other.
pub(crate) fn event_id(commit_id: Uuid, index: u64) -> Uuid {
    Uuid::from_u128(commit_id.as_u128().wrapping_add(index.into()))
}
