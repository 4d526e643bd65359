//! The bytes that name a stream in the keys of the index.
//!
//! `category: u32 BE, kind: u8, key`, where the key is 8 bytes BE (number), 16 bytes (UUID), or UTF-8
//! closed by a zero byte (text). No name is the beginning of another, so whatever follows a name
//! in a key cannot mix the rows of two streams; and names sort as their keys do.

use uuid::Uuid;

use crate::error::StorageError;
use crate::position::Version;
use crate::stream::{Key, KeyKind, KeyRef};

const END_OF_TEXT: u8 = 0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamName(Vec<u8>);

impl StreamName {
    /// The longest name, with room for the version that follows it: LMDB takes keys of 511 bytes.
    const MAX_BYTES: usize = 4 + 1 + Key::MAX_TEXT_BYTES + 1;

    pub(super) fn new(category: u32, key: KeyRef<'_>) -> Result<Self, StorageError> {
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(&category.to_be_bytes());
        bytes.push(key.kind() as u8);
        match key {
            KeyRef::Number(number) => bytes.extend_from_slice(&number.to_be_bytes()),
            KeyRef::Uuid(uuid) => bytes.extend_from_slice(uuid.as_bytes()),
            KeyRef::Text(text) => push_text(&mut bytes, text)?,
        }
        Ok(Self(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key of the chunk that starts at this version.
    pub(super) fn chunk(&self, first: Version) -> Vec<u8> {
        chunk_key(&self.0, first)
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

fn push_text(bytes: &mut Vec<u8>, text: &str) -> Result<(), StorageError> {
    let fits = (1..=Key::MAX_TEXT_BYTES).contains(&text.len());
    if !fits || text.as_bytes().contains(&END_OF_TEXT) {
        let rule = "text keys have 1 to 200 bytes and no control characters";
        return Err(StorageError::index("name the stream in the index", rule));
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(END_OF_TEXT);
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
        StreamName::new(category, key.as_ref()).unwrap().0
    }

    proptest! {
        #[test]
        fn a_name_leads_back_to_its_stream(category: u32, key in keys()) {
            prop_assert_eq!(decode(&name(category, &key)), Some((category, key)));
        }

        #[test]
        fn no_name_is_the_beginning_of_another(one in keys(), other in keys(), more in "[a-c]{0,3}") {
            let (a, b) = (name(7, &one), name(7, &other));
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
