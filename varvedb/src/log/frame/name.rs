//! The name of a stream, as a record carries it that begins a *run*: records of one stream, one
//! after another. Those that follow say how far back it is.

use uuid::Uuid;

use crate::log::checksum::crc32c;
use crate::log::fields::{Fields, is_zero, pad, padding};
use crate::stream::{Key, KeyKind, KeyRef};

/// A stream's name, read where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct Name<'a> {
    pub(in crate::log) category: u32,
    pub(in crate::log) key: KeyRef<'a>,
    /// Bytes of the name, padding included.
    pub(in crate::log) len: usize,
    /// From which those of all records of the run go on.
    pub(in crate::log) checksum: u32,
}

const HEADER_BYTES: usize = 8;
const CATEGORY_BYTES: usize = 4;

impl<'a> Name<'a> {
    /// Bytes of the name of a stream with this key.
    pub(in crate::log) fn len_of(key: KeyRef<'_>) -> usize {
        let len = HEADER_BYTES + key_len(key);
        len + padding(len)
    }

    /// Writes the name behind `out`, but for the number of its category: that is
    /// [put](Self::put_category) when it is known.
    pub(in crate::log) fn draft(key: KeyRef<'_>, out: &mut Vec<u8>) {
        let len = key_len(key);
        out.extend_from_slice(&[0; CATEGORY_BYTES]);
        out.extend_from_slice(&[key.kind() as u8, 0]);
        out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes());
        match key {
            KeyRef::Number(number) => out.extend_from_slice(&number.to_le_bytes()),
            KeyRef::Uuid(uuid) => out.extend_from_slice(uuid.as_bytes()),
            KeyRef::Text(text) => out.extend_from_slice(text.as_bytes()),
        }
        pad(HEADER_BYTES + len, out);
    }

    /// Puts the number of the category over the front of a name, which is whole then; returns its
    /// checksum.
    pub(in crate::log) fn put_category(name: &mut [u8], category: u32) -> u32 {
        if let Some(slot) = name.first_chunk_mut::<CATEGORY_BYTES>() {
            *slot = category.to_le_bytes();
        }
        crc32c(0, name)
    }

    /// Reads the name at the front of `bytes`.
    #[inline]
    pub(in crate::log) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        Self::fields(bytes).unwrap_or(Err("the name of a record's stream is cut short"))
    }

    #[inline]
    fn fields(bytes: &'a [u8]) -> Option<Result<Self, &'static str>> {
        let mut fields = Fields::new(bytes);
        let category = fields.u32()?;
        let kind = KeyKind::from_byte(fields.u8()?);
        let zero = fields.u8()?;
        let key_len = usize::from(fields.u16()?);
        let key = kind.and_then(|kind| parse_key(kind, fields.slice(key_len)?));
        let len = HEADER_BYTES + key_len + padding(HEADER_BYTES + key_len);
        let name = bytes.get(..len)?;
        let rest = name.get(HEADER_BYTES + key_len..)?;
        let Some(key) = key.filter(|_| zero == 0 && is_zero(rest)) else {
            return Some(Err("the name of a record's stream is not valid"));
        };
        Some(Ok(Self {
            category,
            key,
            len,
            checksum: crc32c(0, name),
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
        KeyKind::Uuid => Some(KeyRef::Uuid(Uuid::from_bytes_ref(bytes.try_into().ok()?))),
        KeyKind::Text => {
            let text = str::from_utf8(bytes).ok()?;
            Key::is_text(text).then_some(KeyRef::Text(text))
        }
    }
}
