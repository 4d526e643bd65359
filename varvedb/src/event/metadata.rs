//! Who and why: the metadata of an event, and its bytes in the log.
//!
//! On disk it is a sequence of entries, `kind: u8, len_a: u8, len_b: u16, a, b`, little-endian,
//! zero-padded by the frame that holds it (kind 0 ends the sequence). See `docs/format.md`.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

/// Kinds of entries. Numbers are on disk; new ones are only ever added.
mod kind {
    pub(super) const END: u8 = 0;
    pub(super) const EVENT_ID: u8 = 1;
    pub(super) const CORRELATION_ID: u8 = 2;
    pub(super) const CAUSATION_ID: u8 = 3;
    pub(super) const ACTOR: u8 = 4;
    pub(super) const FREE: u8 = 5;
    // 6 is kept for tags, 7 for an idempotency key, 8 for valid time.
}

const HEADER_BYTES: usize = 4;

/// Metadata of a new event. It is stored in the clear: nothing personal belongs here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The conversation this event is part of.
    pub correlation_id: Option<Uuid>,
    /// The id of the event or command that led to this one.
    pub causation_id: Option<Uuid>,
    /// Who did it: a user's or a system's id.
    pub actor: Option<String>,
    /// Anything else; keys of 1 to 255 bytes, values of up to 65,535 bytes.
    pub entries: BTreeMap<String, String>,
}

/// Metadata that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// A key is empty or longer than 255 bytes.
    #[error("a metadata key has 1 to 255 bytes, this one has {bytes}")]
    Key {
        /// Bytes of the key.
        bytes: usize,
    },
    /// A value, or the actor, is longer than 65,535 bytes.
    #[error("the value of metadata `{key}` has {bytes} bytes, at most 65535 are stored")]
    Value {
        /// The key, or `actor`.
        key: String,
        /// Bytes of the value.
        bytes: usize,
    },
    /// All entries together are longer than an event may carry.
    #[error("metadata of {bytes} bytes, at most {max} are stored with an event")]
    TooLong {
        /// Bytes of all entries.
        bytes: usize,
        /// The limit.
        max: usize,
    },
}

impl Metadata {
    /// The most metadata one event may carry, in bytes as stored.
    pub const MAX_BYTES: usize = 512 * 1024;

    /// Writes the entries behind `out`, without padding.
    pub(crate) fn encode(&self, id: Option<Uuid>, out: &mut Vec<u8>) -> Result<(), MetadataError> {
        let start = out.len();
        for (kind, uuid) in [
            (kind::EVENT_ID, id),
            (kind::CORRELATION_ID, self.correlation_id),
            (kind::CAUSATION_ID, self.causation_id),
        ] {
            if let Some(uuid) = uuid {
                put(kind, "", uuid.as_bytes(), out)?;
            }
        }
        if let Some(actor) = &self.actor {
            put(kind::ACTOR, "", actor.as_bytes(), out).map_err(|error| error.named("actor"))?;
        }
        for (key, value) in &self.entries {
            if key.is_empty() {
                return Err(MetadataError::Key { bytes: 0 });
            }
            put(kind::FREE, key, value.as_bytes(), out)?;
        }
        let bytes = out.len() - start;
        if bytes > Self::MAX_BYTES {
            return Err(MetadataError::TooLong {
                bytes,
                max: Self::MAX_BYTES,
            });
        }
        Ok(())
    }
}

impl MetadataError {
    fn named(self, name: &str) -> Self {
        match self {
            Self::Value { bytes, .. } => Self::Value {
                key: name.to_owned(),
                bytes,
            },
            other => other,
        }
    }
}

fn put(kind: u8, key: &str, value: &[u8], out: &mut Vec<u8>) -> Result<(), MetadataError> {
    let key_len = u8::try_from(key.len()).map_err(|_| MetadataError::Key { bytes: key.len() })?;
    let value_len = u16::try_from(value.len()).map_err(|_| MetadataError::Value {
        key: key.to_owned(),
        bytes: value.len(),
    })?;
    out.extend_from_slice(&[kind, key_len]);
    out.extend_from_slice(&value_len.to_le_bytes());
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(value);
    Ok(())
}

/// Metadata of a recorded event, read where it lies.
#[derive(Clone, Copy, Default)]
pub struct MetadataRef<'a> {
    bytes: &'a [u8],
}

impl<'a> MetadataRef<'a> {
    /// Checks every entry, so that reading them later cannot fail. Says what is wrong otherwise.
    #[inline]
    pub(crate) fn check(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut rest = bytes;
        while let Some(&kind) = rest.first() {
            if kind == kind::END {
                if rest.iter().any(|byte| *byte != 0) {
                    return Err("metadata goes on after its end");
                }
                break;
            }
            let (entry, after) = Entry::split(rest).ok_or("metadata is cut short")?;
            entry.check()?;
            rest = after;
        }
        Ok(Self { bytes })
    }

    /// See [`Metadata::correlation_id`].
    pub fn correlation_id(self) -> Option<Uuid> {
        self.uuid(kind::CORRELATION_ID)
    }

    /// See [`Metadata::causation_id`].
    pub fn causation_id(self) -> Option<Uuid> {
        self.uuid(kind::CAUSATION_ID)
    }

    /// See [`Metadata::actor`].
    pub fn actor(self) -> Option<&'a str> {
        self.find(kind::ACTOR).map(Entry::text)
    }

    /// The value of a free key.
    pub fn get(self, key: &str) -> Option<&'a str> {
        self.entries()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// All free keys and values, in the order of the keys.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.iter()
            .filter(|entry| entry.kind == kind::FREE)
            .map(|entry| (str::from_utf8(entry.key).unwrap_or_default(), entry.text()))
    }

    /// The id the writer gave the event, if it did.
    pub(crate) fn event_id(self) -> Option<Uuid> {
        self.uuid(kind::EVENT_ID)
    }

    /// The same metadata, owned.
    pub fn to_metadata(self) -> Metadata {
        Metadata {
            correlation_id: self.correlation_id(),
            causation_id: self.causation_id(),
            actor: self.actor().map(str::to_owned),
            entries: self
                .entries()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
        }
    }

    fn iter(self) -> impl Iterator<Item = Entry<'a>> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (entry, after) = Entry::split(rest)?;
            rest = after;
            (entry.kind != kind::END).then_some(entry)
        })
    }

    fn find(self, kind: u8) -> Option<Entry<'a>> {
        self.iter().find(|entry| entry.kind == kind)
    }

    fn uuid(self, kind: u8) -> Option<Uuid> {
        self.find(kind)
            .and_then(|entry| Uuid::from_slice(entry.value).ok())
    }
}

impl fmt::Debug for MetadataRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_metadata().fmt(f)
    }
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    kind: u8,
    key: &'a [u8],
    value: &'a [u8],
}

impl<'a> Entry<'a> {
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let [kind, key_len, value_lo, value_hi] = *header;
        let (key, rest) = rest.split_at_checked(key_len.into())?;
        let value_len = u16::from_le_bytes([value_lo, value_hi]);
        let (value, rest) = rest.split_at_checked(value_len.into())?;
        Some((Self { kind, key, value }, rest))
    }

    fn check(self) -> Result<(), &'static str> {
        match self.kind {
            kind::EVENT_ID | kind::CORRELATION_ID | kind::CAUSATION_ID
                if self.value.len() == 16 && self.key.is_empty() =>
            {
                Ok(())
            }
            kind::ACTOR | kind::FREE
                if str::from_utf8(self.key).is_ok() && str::from_utf8(self.value).is_ok() =>
            {
                Ok(())
            }
            kind::EVENT_ID..=kind::FREE => Err("a metadata entry has an impossible content"),
            _ => Err("a metadata entry has a kind that this version does not know"),
        }
    }

    fn text(self) -> &'a str {
        str::from_utf8(self.value).unwrap_or_default()
    }
}
