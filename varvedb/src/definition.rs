//! Definitions: the small numbers that stand for names in the log, and the schemas of events.
//!
//! They are written to the log in frames of their own, before the first event that uses them, so
//! that the log alone is enough. They take no positions.

use crate::stream::KeyKind;

/// One definition, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Definition {
    /// A category, and the kind of its keys.
    Category {
        id: u32,
        name: String,
        keys: KeyKind,
    },
    /// An event type.
    Type { id: u32, name: String },
    /// The layout of one revision of a type, as canonical text.
    Schema {
        type_id: u32,
        revision: u16,
        text: String,
    },
}

const CATEGORY: u8 = 1;
const TYPE: u8 = 2;
const SCHEMA: u8 = 3;

/// `tag: u8, small: u8, revision: u16, id: u32, len: u32, text`.
const HEADER_BYTES: usize = 12;

impl Definition {
    /// The longest text of a definition, in bytes.
    pub(crate) const MAX_TEXT_BYTES: usize = 1024 * 1024;

    /// Writes the definition behind `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let (tag, small, revision, id, text) = match self {
            Self::Category { id, name, keys } => (CATEGORY, *keys as u8, 0, *id, name),
            Self::Type { id, name } => (TYPE, 0, 0, *id, name),
            Self::Schema {
                type_id,
                revision,
                text,
            } => (SCHEMA, 0, *revision, *type_id, text),
        };
        debug_assert!(
            text.len() <= Self::MAX_TEXT_BYTES,
            "names are short, and the store refuses longer layouts"
        );
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&[tag, small]);
        out.extend_from_slice(&revision.to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }

    /// Takes one definition off the front of `bytes`; says what is wrong if it cannot.
    pub(crate) fn decode(bytes: &mut &[u8]) -> Result<Self, &'static str> {
        let (header, rest) = bytes
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or("a definition is cut short")?;
        let [tag, small, r0, r1, i0, i1, i2, i3, l0, l1, l2, l3] = *header;
        let revision = u16::from_le_bytes([r0, r1]);
        let id = u32::from_le_bytes([i0, i1, i2, i3]);
        let len = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        if len > Self::MAX_TEXT_BYTES {
            return Err("a definition is longer than any may be");
        }
        let (text, rest) = rest
            .split_at_checked(len)
            .ok_or("a definition is cut short")?;
        let text = str::from_utf8(text)
            .map_err(|_| "a definition is not UTF-8")?
            .to_owned();
        *bytes = rest;
        match tag {
            CATEGORY => {
                let keys = KeyKind::from_byte(small).ok_or("a category has an unknown key kind")?;
                Ok(Self::Category {
                    id,
                    name: text,
                    keys,
                })
            }
            TYPE => Ok(Self::Type { id, name: text }),
            SCHEMA => Ok(Self::Schema {
                type_id: id,
                revision,
                text,
            }),
            _ => Err("a definition of a kind that this version does not know"),
        }
    }
}
