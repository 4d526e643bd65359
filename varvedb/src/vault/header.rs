//! The first sector of a replica: which vault this is, and of which store.

use uuid::Uuid;

use super::derive;
use super::field_reader::FieldReader;
use crate::clock::Timestamp;

pub(super) const SECTOR: usize = 512;

const MAGIC: [u8; 8] = *b"VRVKEYS\0";
const FORMAT: u16 = 1;
const SLOT_SIZE: u16 = 128;
const FLAG_EXTERNAL: u32 = 1;
const COVERED: usize = 504;
const FIELDS: usize = 56;

/// What the first sector says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) vault: Uuid,
    pub(super) store: Uuid,
    pub(super) created: Timestamp,
    /// The root is held elsewhere.
    pub(super) is_external: bool,
}

/// What a sector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderReading {
    /// All zero: nothing was written.
    Blank,
    /// Not what was written.
    Torn,
    /// Of another format, which is named.
    Foreign(u16),
    Header(Header),
}

impl Header {
    pub(super) fn to_bytes(&self) -> [u8; SECTOR] {
        let flags = if self.is_external { FLAG_EXTERNAL } else { 0 };
        let mut bytes = Vec::with_capacity(SECTOR);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(SLOT_SIZE.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        bytes.extend(self.vault.as_bytes());
        bytes.extend(self.created.as_micros().to_le_bytes());
        bytes.extend(self.store.as_bytes());
        with_checksum(bytes)
    }
}

impl HeaderReading {
    pub(super) fn of(bytes: &[u8; SECTOR]) -> Self {
        if *bytes == [0; SECTOR] {
            return Self::Blank;
        }
        let Some(covered) = covered(bytes) else {
            return Self::Torn;
        };
        let mut fields = FieldReader(covered);
        if fields.array() != MAGIC {
            return Self::Torn;
        }
        let format = fields.u16();
        if format != FORMAT {
            return Self::Foreign(format);
        }
        header_of(fields, covered).map_or(Self::Torn, Self::Header)
    }
}

fn header_of(mut fields: FieldReader<'_>, covered: &[u8]) -> Option<Header> {
    let slot_size = fields.u16();
    let flags = fields.u32();
    let is_known = slot_size == SLOT_SIZE && flags & !FLAG_EXTERNAL == 0;
    let is_padded = covered.get(FIELDS..)?.iter().all(|byte| *byte == 0);
    (is_known && is_padded).then(|| Header {
        is_external: flags & FLAG_EXTERNAL != 0,
        vault: Uuid::from_bytes(fields.array()),
        created: Timestamp::from_micros(i64::from_le_bytes(fields.array())),
        store: Uuid::from_bytes(fields.array()),
    })
}

/// A sector of these bytes, zeros, and the checksum of both.
pub(super) fn with_checksum(mut bytes: Vec<u8>) -> [u8; SECTOR] {
    bytes.resize(COVERED, 0);
    bytes.extend(derive::checksum(&bytes));
    bytes.first_chunk().copied().unwrap_or([0; SECTOR])
}

/// What the checksum of a sector covers, if it holds.
pub(super) fn covered(sector: &[u8; SECTOR]) -> Option<&[u8]> {
    let (covered, checksum) = sector.split_at_checked(COVERED)?;
    (derive::checksum(covered) == *checksum).then_some(covered)
}
