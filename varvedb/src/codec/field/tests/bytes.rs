//! The bytes themselves. A store outlives the release of rkyv that wrote it: whoever updates rkyv
//! and sees a difference here must not update it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::mem::offset_of;

use rkyv::Portable;
use rkyv::rend::{u16_le, u64_le};
use uuid::Uuid;

use super::tree::Tree;
use super::{Gift, Line, archive};
use crate::clock::Timestamp;
use crate::codec::field::Field;
use crate::codec::{Pair, encode};

/// The schema and the bytes of a value, eight to a group; the last line is the root.
fn shown<T: Field>(value: &T) -> String {
    let bytes = archive(value).unwrap();
    let root = bytes.len() - size_of::<T::Archived>();
    let mut shown = format!("{}\n", T::SCHEMA.text());
    let parts = [&bytes[..root], &bytes[root..]];
    for line in parts.iter().filter(|part| !part.is_empty()) {
        shown.push_str("   ");
        for group in line.chunks(8) {
            shown.push(' ');
            for byte in group {
                write!(shown, "{byte:02x}").unwrap();
            }
        }
        shown.push('\n');
    }
    shown
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn numbers_have_the_bytes_they_always_had() {
    let shown = [
        shown(&true),
        shown(&'é'),
        shown(&0x12_u8),
        shown(&-2_i8),
        shown(&0x1234_u16),
        shown(&-2_i16),
        shown(&0x1234_5678_u32),
        shown(&-2_i32),
        shown(&0x1234_5678_9abc_def0_u64),
        shown(&-2_i64),
        shown(&0x1234_5678_9abc_def0_1122_3344_5566_7788_u128),
        shown(&-2_i128),
        shown(&1.5_f32),
        shown(&-1.5_f64),
    ];
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn texts_ids_and_moments_have_the_bytes_they_always_had() {
    let shown = [
        shown(&text("")),
        shown(&text("8 bytes.")),
        shown(&text("9 bytes..")),
        shown(&Uuid::from_u128(0x1234_5678_9abc_def0_1122_3344_5566_7788)),
        shown(&Timestamp::from_micros(1_700_000_000_123_456)),
        shown(&std::time::SystemTime::from(Timestamp::from_micros(-1))),
    ];
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn what_holds_other_values_has_the_bytes_it_always_had() {
    let shown = [
        shown(&None::<u32>),
        shown(&Some(7_u32)),
        shown(&Some(Some(7_u64))),
        shown(&Box::new(7_u16)),
        shown(&[1_u16, 2, 3]),
        shown(&Vec::<u64>::new()),
        shown(&vec![1_u16, 2, 3]),
        shown(&vec![text("in line"), text("out of line")]),
        shown(&vec![vec![1_u8], vec![]]),
        shown(&(1_u8, 2_u64, 3_u16)),
        shown(&(1_u8, (2_u64, 3_u8), 4_u8, 5_u32, 6_u8)),
        shown(&BTreeMap::from([(2_u8, 20_u32), (1, 10)])),
        shown(&BTreeMap::from([(text("a key out of line"), vec![1_u8])])),
    ];
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn structs_and_enums_have_the_bytes_they_always_had() {
    let line = Line {
        sku: text("sku"),
        quantity: 0x1234,
        cents: 1,
    };
    let wrapped = Gift::Wrapped {
        paper: text("blue"),
        colour: Some(7),
    };
    let several = Gift::Several {
        lines: vec![line.clone()],
        inside: vec![Gift::No],
    };
    let shown = [
        shown(&line),
        shown(&Gift::No),
        shown(&wrapped),
        shown(&several),
    ];
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn a_type_that_contains_itself_has_the_bytes_it_always_had() {
    insta::assert_snapshot!(shown(&Tree::of_depth(2, "leaf")));
}

/// The bytes of a record, behind whatever it points to.
fn root<A: Portable>(payload: &[u8]) -> &[u8] {
    &payload[payload.len() - size_of::<A>()..]
}

#[test]
fn a_record_lies_as_a_tree_of_pairs_of_c_does() {
    type Stored = Pair<Pair<Pair<u8, u64_le>, u16_le>, Pair<u8, u8>>;
    let record = Pair(
        Pair(Pair(&1_u8, &0x0202_0202_0202_0202_u64), &0x0303_u16),
        Pair(&4_u8, &5_u8),
    );
    let mut payload = Vec::new();
    encode(&record, &mut payload).unwrap();
    let root = root::<Stored>(&payload);
    let at = |offset: usize, bytes: usize| &root[offset..offset + bytes];
    assert_eq!(at(offset_of!(Stored, 0.0.0), 1), [1]);
    assert_eq!(at(offset_of!(Stored, 0.0.1), 8), [2; 8]);
    assert_eq!(at(offset_of!(Stored, 0.1), 2), [3; 2]);
    assert_eq!(at(offset_of!(Stored, 1.0), 1), [4]);
    assert_eq!(at(offset_of!(Stored, 1.1), 1), [5]);
    let offsets = [
        offset_of!(Stored, 0.0.0),
        offset_of!(Stored, 0.0.1),
        offset_of!(Stored, 0.1),
        offset_of!(Stored, 1.0),
        offset_of!(Stored, 1.1),
        size_of::<Stored>(),
    ];
    assert_eq!(offsets, [0, 8, 16, 24, 25, 32]);
}

#[test]
fn what_lies_between_fields_is_zero() {
    let mut payload = vec![0xff; 64];
    payload.clear();
    encode(&Pair(&0xffff_u16, Pair(&0xff_u8, &u64::MAX)), &mut payload).unwrap();
    let mut expected = [0xff; 24];
    expected[2..8].fill(0);
    expected[9..16].fill(0);
    assert_eq!(payload, expected);
}
