//! Doors for fuzzers: hostile bytes to where bytes from the disk are read. Not for people: it
//! changes without notice.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::codec::{DynamicSchema, Field, decode_value, encode_value};
use crate::{Timestamp, VarveValue, index, log};

/// Reads bytes as a segment of a log; says how many frames in it are whole.
pub fn segment(bytes: &[u8]) -> usize {
    log::parse_segment(bytes)
}

/// Reads bytes as a segment, after its checksums are made right: the first of `changes` says what
/// it holds, the others which bytes of it are changed before its checksums are made again.
pub fn signed_segment(changes: &[u8]) -> usize {
    log::parse_signed(changes)
}

/// Reads bytes as a chunk of the index; says how many points it has.
pub fn chunk(bytes: &[u8]) -> Option<usize> {
    index::decode_chunk(bytes)
}

/// Reads bytes as the row of a snapshot, as they are and with their checksum made right; says whether
/// there is a state in them.
pub fn snapshot(bytes: &[u8]) -> bool {
    type State = (String, Vec<(u64, Option<String>)>, BTreeMap<String, u64>);
    let is_state = |row: index::SnapshotRow<'_>| {
        let snapshot = row.open().ok();
        snapshot.is_some_and(|snapshot| decode_value::<State>(snapshot.state).is_ok())
    };
    let as_it_is = index::see_hostile_snapshot(bytes, false, is_state);
    index::see_hostile_snapshot(bytes, true, is_state) || as_it_is
}

/// Reads bytes without types: behind a zero byte as a payload, of the layout whose text stands before
/// it; and as a whole, as a value of which the type is known. What the type reads has to be read
/// without it, and to be the same. Says how much text was made of it.
pub fn explain(bytes: &[u8]) -> usize {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let text = parts.next().and_then(|text| str::from_utf8(text).ok());
    let payload = parts.next().unwrap_or_default();
    let value = DynamicSchema::parse(text.unwrap_or_default())
        .and_then(|schema| schema.decode(payload))
        .ok();
    let shown = value.map_or(0, |value| value.to_string().len());
    let lists = explain_of_type::<Animals>(bytes).map_or(0, |(shown, again)| {
        assert_eq!(&shown, again.as_ref().unwrap_or(&shown));
        shown.len()
    });
    // What is written again of a map may have fewer pairs: of those with one key the last.
    let maps = explain_of_type::<Places>(bytes).map_or(0, |(shown, _)| shown.len());
    shown + lists + maps
}

/// What bytes that a type reads are without it; and what comes of them when they are written again.
fn explain_of_type<T: Field>(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let schema = DynamicSchema::parse(&T::SCHEMA.text()).ok()?;
    let explained = schema.decode(bytes).map(|value| value.to_string());
    let value = decode_value::<T>(bytes).ok()?;
    assert!(explained.is_ok(), "the type reads it: {explained:?}");
    // Bytes that nobody wrote can lie a little deeper than is written.
    let mut again = Vec::new();
    let again = encode_value(&value, &mut again).ok().map(|()| again);
    let again = again.and_then(|again| schema.decode(&again).ok());
    Some((explained.ok()?, again.map(|value| value.to_string())))
}

type Animals = (Vec<Animal>, (Option<u128>, [char; 2], bool), Vec<u8>);
type Places = BTreeMap<(u8, i64), BTreeMap<String, Vec<Option<Animal>>>>;

#[derive(VarveValue)]
enum Animal {
    Unknown,
    Lion {
        age: u8,
        name: String,
        weight: f64,
        id: Uuid,
    },
    Herd {
        of: Vec<Animal>,
        pairs: Vec<(u16, Animal)>,
        seen: Option<Box<Timestamp>>,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text of a layout, or nearly, and a payload behind it.
    fn texts_and_payloads() -> impl Strategy<Value = Vec<u8>> {
        let texts =
            "(list<|map<|box<|option<|enum\\(|a|u8|u64|str|@1|\\{a:|[0-9<>{}()\\[\\],;:|/@]){0,24}";
        (texts, any::<Vec<u8>>()).prop_map(|(text, bytes)| [text.as_bytes(), &[0], &bytes].concat())
    }

    proptest! {
        #[test]
        fn texts_and_payloads_of_a_fuzzer_never_panic(bytes in texts_and_payloads()) {
            explain(&bytes);
        }

        #[test]
        fn what_types_read_of_bytes_of_any_kind_is_the_same_without_them(
            mut bytes: Vec<u8>,
            zeros in 0..128_usize,
        ) {
            // Zeros are values more often than others.
            bytes.extend(vec![0; zeros]);
            explain(&bytes);
        }
    }
}
