//! An entry of a commit's stream table: a stream, and the version at which the commit goes on
//! with it. The records that belong to it lie one after another: a *run*.

use uuid::Uuid;

use crate::log::fields::{Fields, is_zero, pad, padding};
use crate::position::Version;
use crate::stream::{Key, KeyKind, KeyRef};

/// One run, read where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct Run<'a> {
    pub(in crate::log) category: u32,
    pub(in crate::log) key: KeyRef<'a>,
    /// The version of the run's first event.
    pub(in crate::log) first_version: Version,
    /// Bytes of the entry; the next one begins behind them.
    pub(in crate::log) len: usize,
    /// The entry's own checksum, from which those of its records go on: that is what protects
    /// the stream table.
    pub(in crate::log) checksum: u32,
}

const HEADER_BYTES: usize = 16;

impl<'a> Run<'a> {
    /// Bytes of the entry of a stream with this key.
    pub(in crate::log) fn len_of(key: KeyRef<'_>) -> usize {
        let len = HEADER_BYTES + key_len(key);
        len + padding(len)
    }

    /// Writes the entry behind `out`.
    pub(in crate::log) fn encode(
        category: u32,
        key: KeyRef<'_>,
        first_version: Version,
        out: &mut Vec<u8>,
    ) {
        let len = key_len(key);
        out.extend_from_slice(&category.to_le_bytes());
        out.extend_from_slice(&[key.kind() as u8, 0]);
        out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes());
        out.extend_from_slice(&first_version.get().to_le_bytes());
        match key {
            KeyRef::Number(number) => out.extend_from_slice(&number.to_le_bytes()),
            KeyRef::Uuid(uuid) => out.extend_from_slice(uuid.as_bytes()),
            KeyRef::Text(text) => out.extend_from_slice(text.as_bytes()),
        }
        pad(HEADER_BYTES + len, out);
    }

    /// Reads the entry at the front of `bytes`.
    pub(in crate::log) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        Self::fields(bytes).unwrap_or(Err("a stream table is cut short"))
    }

    fn fields(bytes: &'a [u8]) -> Option<Result<Self, &'static str>> {
        let mut fields = Fields::new(bytes);
        let category = fields.u32()?;
        let kind = KeyKind::from_byte(fields.u8()?);
        let zero = fields.u8()?;
        let key_len = usize::from(fields.u16()?);
        let first_version = Version::new(fields.u64()?);
        let key = kind.and_then(|kind| parse_key(kind, fields.slice(key_len)?));
        let len = HEADER_BYTES + key_len + padding(key_len);
        let entry = bytes.get(..len)?;
        let rest = entry.get(HEADER_BYTES + key_len..)?;
        let Some(key) = key.filter(|_| zero == 0 && is_zero(rest) && first_version > Version::ZERO)
        else {
            return Some(Err("an entry of a stream table is not valid"));
        };
        Some(Ok(Self {
            category,
            key,
            first_version,
            len,
            checksum: crc32c::crc32c(entry),
        }))
    }
}

fn key_len(key: KeyRef<'_>) -> usize {
    match key {
        KeyRef::Number(_) => 8,
        KeyRef::Uuid(_) => 16,
        KeyRef::Text(text) => text.len(),
    }
}

fn parse_key(kind: KeyKind, bytes: &[u8]) -> Option<KeyRef<'_>> {
    match kind {
        KeyKind::Number => Some(KeyRef::Number(u64::from_le_bytes(bytes.try_into().ok()?))),
        KeyKind::Uuid => Some(KeyRef::Uuid(Uuid::from_slice(bytes).ok()?)),
        KeyKind::Text => {
            let text = str::from_utf8(bytes).ok()?;
            Key::is_text(text).then_some(KeyRef::Text(text))
        }
    }
}
