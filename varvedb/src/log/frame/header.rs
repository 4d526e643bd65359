//! The first 64 bytes of a frame.
//!
//! Their checksum covers more than themselves: the store, the segment and the offset go into it
//! too. So a frame counts only where it was laid. One that some event carries in its payload,
//! that was copied into another file, or that landed in the wrong place, is not a frame.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::log::checksum::crc32c;
use crate::log::fields::Fields;
use crate::log::flaw::Flaw;
use crate::log::frame::record;
use crate::position::{Place, Position};

/// `VRVF`, the first bytes of every frame.
pub(in crate::log) const MAGIC: [u8; 4] = *b"VRVF";
const FORMAT: u8 = 2;

/// What the checksums of all that one segment holds start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct Salt(u32);

impl Salt {
    pub(in crate::log) fn new(store_id: Uuid, segment: u32) -> Self {
        let store = crc32c::crc32c(store_id.as_bytes());
        Self(crc32c::crc32c_append(store, &segment.to_le_bytes()))
    }

    /// What the checksum of something at this place goes on from.
    #[inline]
    pub(in crate::log) fn at(self, place: Place) -> u32 {
        self.0 ^ place.unit
    }
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The events of one commit.
    Commit = 1,
    /// Definitions; takes no positions.
    Definitions = 2,
}

/// The header, decoded. One that was [parsed](FrameHeader::parse) is consistent in itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct FrameHeader {
    pub(in crate::log) kind: FrameKind,
    /// Bytes of the whole frame.
    pub(in crate::log) len: u32,
    /// The position of the first event; of the next one, if there are none.
    pub(in crate::log) first: Position,
    /// Everything up to here was known to be synced when the frame was laid.
    pub(in crate::log) durable: Position,
    pub(in crate::log) time: Timestamp,
    pub(in crate::log) records: u32,
    pub(in crate::log) commit_id: Uuid,
}

impl FrameHeader {
    pub(in crate::log) const BYTES: usize = 64;
    /// The longest a frame may be.
    pub(in crate::log) const MAX_FRAME_BYTES: u32 = 64 * 1024 * 1024;
    /// The most events one commit may have.
    pub(in crate::log) const MAX_RECORDS: u32 = 1_000_000;

    /// The bytes of the header, for a frame at `place`.
    pub(in crate::log) fn encode(&self, salt: Salt, place: Place) -> [u8; Self::BYTES] {
        let front = [
            u32::from_le_bytes(MAGIC),
            u32::from_le_bytes([self.kind as u8, FORMAT, 0, 0]),
            self.len,
        ];
        let front = front.map(u32::to_le_bytes);
        let back = [
            self.first.get().to_le_bytes(),
            self.durable.get().to_le_bytes(),
            self.time.as_micros().to_le_bytes(),
            u64::from(self.records).to_le_bytes(),
        ];
        let mut header = [0; Self::BYTES];
        let (to_front, rest) = header.split_at_mut(FRONT_BYTES);
        let (to_checksum, to_back) = rest.split_at_mut(CHECKSUM_BYTES);
        let (to_fields, to_id) = to_back.split_at_mut(BACK_BYTES - ID_BYTES);
        to_front.copy_from_slice(front.as_flattened());
        to_fields.copy_from_slice(back.as_flattened());
        to_id.copy_from_slice(self.commit_id.as_bytes());
        let checksum = checksum(salt, place, to_front, to_back);
        to_checksum.copy_from_slice(&checksum.to_le_bytes());
        header
    }

    /// Makes the checksum right in the bytes of a header that is to lie at `place`.
    #[cfg(any(fuzzing, test))]
    pub(in crate::log) fn sign(frame: &mut [u8], salt: Salt, place: Place) -> Option<()> {
        let header = frame.first_chunk_mut::<{ Self::BYTES }>()?;
        let front = *header.first_chunk::<FRONT_BYTES>()?;
        let back = *header.last_chunk::<BACK_BYTES>()?;
        let slot = header.get_mut(FRONT_BYTES..)?.first_chunk_mut::<4>()?;
        *slot = checksum(salt, place, &front, &back).to_le_bytes();
        Some(())
    }

    /// Reads the header of a frame that is to lie at `place`, from the bytes there.
    pub(in crate::log) fn parse(bytes: &[u8], salt: Salt, place: Place) -> Result<Self, Flaw> {
        const SHORT: Flaw = Flaw::new("a frame is cut short in its header");
        let header = bytes.first_chunk::<{ Self::BYTES }>().ok_or(SHORT)?;
        let (front, rest) = header.split_first_chunk::<FRONT_BYTES>().ok_or(SHORT)?;
        let (stored, back) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let back = back.first_chunk::<BACK_BYTES>().ok_or(SHORT)?;
        if !front.starts_with(&MAGIC) {
            return Err(Flaw::new("no frame begins here"));
        }
        if u32::from_le_bytes(*stored) != checksum(salt, place, front, back) {
            return Err(Flaw::new("the checksum of a frame's header does not match"));
        }
        Self::fields(header).ok_or(SHORT)??.checked()
    }

    fn fields(header: &[u8; Self::BYTES]) -> Option<Result<Self, Flaw>> {
        const NEWER: Flaw =
            Flaw::whole("a frame of a kind or format that only a newer version knows");
        let mut fields = Fields::new(header);
        fields.array::<4>()?;
        let kind = match (fields.u8()?, fields.u8()?, fields.u16()?) {
            (1, FORMAT, 0) => FrameKind::Commit,
            (2, FORMAT, 0) => FrameKind::Definitions,
            _ => return Some(Err(NEWER)),
        };
        let len = fields.u32()?;
        fields.u32()?; // The checksum.
        Some(Ok(Self {
            kind,
            len,
            first: Position::new(fields.u64()?),
            durable: Position::new(fields.u64()?),
            time: Timestamp::from_micros(fields.i64()?),
            records: fields.u32()?,
            commit_id: match fields.u32()? {
                0 => fields.uuid()?,
                _ => return Some(Err(NEWER)),
            },
        }))
    }

    /// The relations between the fields that everything behind the header relies on.
    fn checked(self) -> Result<Self, Flaw> {
        let records = u64::from(self.records);
        let least = Self::BYTES as u64 + records * record::HEADER_BYTES as u64;
        let aligned = self.len.is_multiple_of(16);
        let fits = least <= self.len.into() && self.len <= Self::MAX_FRAME_BYTES;
        let events = match self.kind {
            FrameKind::Commit => (1..=Self::MAX_RECORDS).contains(&self.records),
            FrameKind::Definitions => records == 0 && self.commit_id.is_nil(),
        };
        let first = self.first.get();
        let positions = first > self.durable.get() && first.checked_add(records).is_some();
        if aligned && fits && events && positions {
            Ok(self)
        } else {
            Err(Flaw::whole("a frame's header contradicts itself"))
        }
    }

    /// The position of the last event; of the one before the frame, if it has none.
    pub(in crate::log) fn last(&self) -> Position {
        Position::new(self.first.get() - 1 + u64::from(self.records))
    }
}

const FRONT_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
const BACK_BYTES: usize = 48;
const ID_BYTES: usize = 16;

const _: () = assert!(FRONT_BYTES + CHECKSUM_BYTES + BACK_BYTES == FrameHeader::BYTES);

fn checksum(salt: Salt, place: Place, front: &[u8], back: &[u8]) -> u32 {
    crc32c(crc32c(salt.at(place), front), back)
}
