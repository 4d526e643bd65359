//! The bytes that name a stream in the keys of the index.
//!
//! `category: u32 BE, kind: u8, key`, where the key is 8 bytes BE (number), 16 bytes (UUID), or UTF-8
//! closed by a zero byte (text). No name is the beginning of another, so whatever follows a name
//! in a key cannot mix the rows of two streams; and names sort as their keys do.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;
use uuid::Uuid;

use crate::error::StorageError;
use crate::position::Version;
use crate::stream::{Key, KeyKind, KeyRef};

const END_OF_TEXT: u8 = 0;

/// The name of one stream. Numbers, UUIDs and short texts lie in place: the memory of a stream that
/// was seen once should be one entry of one map.
///
/// It is looked for in several maps on its way into the log, and made by the caller who appends: so it
/// brings its hash along, and the one writer has none to make.
#[derive(Clone)]
pub(crate) struct StreamName {
    bytes: Bytes,
    hash: u64,
}

/// Of a map by the names of streams.
pub(crate) type NameHasher = BuildHasherDefault<Brought>;

/// Hashes nothing: takes the hash that a name brings along.
#[derive(Debug, Default)]
pub(crate) struct Brought(u64);

/// Nobody outside can know which names share a hash.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::default);

#[derive(Clone)]
enum Bytes {
    Short(u8, [u8; SHORT_BYTES]),
    Long(Arc<[u8]>),
}

/// As much as fits beside a length where a pointer to more would be.
const SHORT_BYTES: usize = 22;

impl StreamName {
    /// The longest name, with room for the version that follows it: LMDB takes keys of 511 bytes.
    const MAX_BYTES: usize = 4 + 1 + Key::MAX_TEXT_BYTES + 1;

    pub(crate) fn new(category: u32, key: KeyRef<'_>) -> Result<Self, StorageError> {
        let front = (category, key.kind());
        match key {
            KeyRef::Number(number) => Ok(Self::joined(front, &number.to_be_bytes(), &[])),
            KeyRef::Uuid(uuid) => Ok(Self::joined(front, uuid.as_bytes(), &[])),
            KeyRef::Text(text) => {
                check_text(text)?;
                Ok(Self::joined(front, text.as_bytes(), &[END_OF_TEXT]))
            }
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Short(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Bytes::Long(bytes) => bytes,
        }
    }

    /// The number of its category.
    pub(crate) fn category(&self) -> u32 {
        category(self.as_bytes()).unwrap_or_default()
    }

    /// The same for names that are equal.
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// Its first bytes as a number: names sort as these do, where they differ.
    pub(super) fn front(&self) -> u128 {
        let mut front = [0; 16];
        for (to, from) in front.iter_mut().zip(self.as_bytes()) {
            *to = *from;
        }
        u128::from_be_bytes(front)
    }

    /// The key of the chunk that starts at this version.
    pub(super) fn chunk(&self, first: Version) -> Vec<u8> {
        chunk_key(self.as_bytes(), first)
    }

    fn joined((category, kind): (u32, KeyKind), key: &[u8], end: &[u8]) -> Self {
        let parts = [&category.to_be_bytes()[..], &[kind as u8], key, end];
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let mut short = [0; SHORT_BYTES];
        let mut rest = &mut short[..];
        for part in parts {
            let Some((place, behind)) = rest.split_at_mut_checked(part.len()) else {
                return Self::hashed(Bytes::Long(parts.concat().into()));
            };
            place.copy_from_slice(part);
            rest = behind;
        }
        Self::hashed(Bytes::Short(u8::try_from(len).unwrap_or(u8::MAX), short))
    }

    fn hashed(bytes: Bytes) -> Self {
        // Of a short name with the zeros behind it: that is one step of a known length.
        let hash = match &bytes {
            Bytes::Short(_, bytes) => SEED.hash_one(bytes),
            Bytes::Long(bytes) => SEED.hash_one(bytes),
        };
        Self { bytes, hash }
    }
}

// A short name is compared with the zeros behind it: that is one step of a known length, and says the
// same, since no name is the beginning of another.
impl PartialEq for StreamName {
    fn eq(&self, other: &Self) -> bool {
        match (&self.bytes, &other.bytes) {
            (Bytes::Short(_, one), Bytes::Short(_, other)) => one == other,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for StreamName {}

impl PartialOrd for StreamName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StreamName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for StreamName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hasher for Brought {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = SEED.hash_one((self.0, bytes));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StreamName").field(&self.as_bytes()).finish()
    }
}

const _: () = assert!(StreamName::MAX_BYTES + 8 <= 511);

/// The key of the chunk of the stream with this name that starts at this version.
pub(super) fn chunk_key(name: &[u8], first: Version) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 8);
    key.extend_from_slice(name);
    key.extend_from_slice(&first.get().to_be_bytes());
    key
}

/// The category of the stream with this name.
pub(super) fn category(name: &[u8]) -> Option<u32> {
    name.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// What a name stands for; `None` for bytes that are no name.
pub(super) fn decode(name: &[u8]) -> Option<(u32, Key)> {
    let (category, rest) = name.split_first_chunk()?;
    let (kind, rest) = rest.split_first()?;
    let key = match KeyKind::from_byte(*kind)? {
        KeyKind::Number => Key::Number(u64::from_be_bytes(rest.try_into().ok()?)),
        KeyKind::Uuid => Key::Uuid(Uuid::from_bytes(rest.try_into().ok()?)),
        KeyKind::Text => {
            let (end, text) = rest.split_last()?;
            let text = str::from_utf8(text).ok()?;
            (*end == END_OF_TEXT).then(|| Key::Text(text.into()))?
        }
    };
    Some((u32::from_be_bytes(*category), key))
}

fn check_text(text: &str) -> Result<(), StorageError> {
    let fits = (1..=Key::MAX_TEXT_BYTES).contains(&text.len());
    if !fits || text.as_bytes().contains(&END_OF_TEXT) {
        let rule = "text keys have 1 to 200 bytes and no control characters";
        return Err(StorageError::index("name the stream in the index", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<u64>().prop_map(Key::Number),
            any::<u128>().prop_map(|bits| Key::Uuid(Uuid::from_u128(bits))),
            "[^\\x00-\\x1f\\x7f-\\x9f]{1,40}".prop_map(|text| Key::Text(text.as_str().into())),
        ]
    }

    fn name(category: u32, key: &Key) -> Vec<u8> {
        StreamName::new(category, key.as_ref())
            .unwrap()
            .as_bytes()
            .to_vec()
    }

    proptest! {
        #[test]
        fn a_name_leads_back_to_its_stream(category: u32, key in keys()) {
            prop_assert_eq!(decode(&name(category, &key)), Some((category, key)));
        }

        #[test]
        fn no_name_is_the_beginning_of_another(one in keys(), other in keys(), more in "[a-c]{0,3}") {
            let (a, b) = (name(7, &one), name(7, &other));
            let names = [&one, &other].map(|key| StreamName::new(7, key.as_ref()).unwrap());
            prop_assert_eq!(names[0] == names[1], one == other);
            prop_assert!(names[0].front().cmp(&names[1].front()).then(names[0].cmp(&names[1])) == a.cmp(&b));
            prop_assert_eq!(a == b, one == other);
            prop_assert!(a == b || !b.starts_with(&a));
            if let Key::Text(text) = &one && !more.is_empty() {
                let longer = Key::Text(format!("{text}{more}").into());
                prop_assert!(!name(7, &longer).starts_with(&a));
            }
        }

        #[test]
        fn any_bytes_are_a_name_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some((category, key)) = decode(&bytes)
                && let Ok(name) = StreamName::new(category, key.as_ref())
            {
                prop_assert_eq!(name.as_bytes(), bytes.as_slice());
            }
        }
    }

    #[test]
    fn text_that_would_mix_with_another_stream_is_refused() {
        for text in ["", "a\0b", &"x".repeat(201)] {
            let error = StreamName::new(1, KeyRef::Text(text)).unwrap_err();
            assert!(error.to_string().contains("1 to 200 bytes"), "{error}");
        }
    }
}
