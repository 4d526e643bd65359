//! A value is seen alike before and after it is stored, and comes back as it was.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::SystemTime;

use proptest::prelude::*;
use uuid::Uuid;

use super::tree::Tree;
use super::{Gift, Line, aligned, archive, as_row};
use crate::clock::Timestamp;
use crate::codec::field::{Field, SeqMap};
use crate::codec::record::decode;
use crate::codec::{Pair, encode};

/// Also compares the views themselves, which those of macros cannot be.
pub(super) fn check<T>(value: &T) -> Result<(), TestCaseError>
where
    T: Field + Debug + PartialEq,
    for<'a> T::View<'a>: PartialEq,
{
    let bytes = archive(value).unwrap();
    let stored = decode::<T::Archived>(&bytes).unwrap();
    prop_assert_eq!(T::view_archived(stored), value.view());
    check_shown(value)
}

/// Stores the value as a field of an event, behind whatever the buffer holds, and as a row.
fn check_shown<T: Field + Debug + PartialEq>(value: &T) -> Result<(), TestCaseError> {
    let mut buffer = b"before".to_vec();
    encode(&Pair(&1_u8, Pair(value, &2_u64)), &mut buffer).unwrap();
    prop_assert!(buffer.starts_with(b"before"));
    let payload = aligned(&buffer[6..]);
    let record = decode::<Pair<u8, Pair<T::Archived, <u64 as Field>::Archived>>>(&payload).unwrap();
    let seen = T::view_archived(&record.1.0);
    prop_assert_eq!(format!("{seen:?}"), format!("{:?}", value.view()));
    prop_assert_eq!(&T::from_view(seen), value);
    prop_assert_eq!(&T::from_view(value.view()), value);
    prop_assert_eq!((record.0, record.1.1.to_native()), (1, 2));
    prop_assert_eq!(&as_row(value).unwrap(), value);
    Ok(())
}

/// The moments that the platform can represent, whole microseconds.
fn moments() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros).prop_filter(
        "a moment of this platform",
        |&moment| {
            Timestamp::from(SystemTime::from(moment)) == moment
                && moment.as_micros().abs() < i64::MAX
        },
    )
}

fn gifts() -> impl Strategy<Value = Gift> {
    let line = any::<(String, u16, i64)>();
    let line = line.prop_map(|(sku, quantity, cents)| Line {
        sku,
        quantity,
        cents,
    });
    let wrapped = any::<(String, Option<u8>)>();
    let leaf = prop_oneof![
        Just(Gift::No),
        wrapped.prop_map(|(paper, colour)| Gift::Wrapped { paper, colour }),
    ];
    leaf.prop_recursive(4, 16, 1, move |inner| {
        let lines = prop::collection::vec(line.clone(), 0..3);
        let inside = prop::collection::vec(inner, 0..2);
        (lines, inside).prop_map(|(lines, inside)| Gift::Several { lines, inside })
    })
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = ".{0,12}".prop_map(|leaf| Tree {
        leaf,
        branches: Vec::new(),
    });
    leaf.prop_recursive(6, 32, 4, |inner| {
        let branches = prop::collection::vec(inner, 0..4);
        (".{0,12}", branches).prop_map(|(leaf, branches)| Tree { leaf, branches })
    })
}

proptest! {
    #[test]
    fn small_numbers_come_back(value: (bool, char, u8, i8, u16, i16, u32, i32)) {
        check(&value)?;
    }

    #[test]
    fn large_numbers_come_back(value: (u64, i64, u128, i128, f32, f64)) {
        check(&value)?;
    }

    #[test]
    fn floats_come_back_bit_by_bit(double: u64, single: u32) {
        let value = (f64::from_bits(double), f32::from_bits(single));
        let stored = as_row(&value).unwrap();
        prop_assert_eq!((stored.0.to_bits(), stored.1.to_bits()), (double, single));
    }

    #[test]
    fn texts_come_back(value: (String, Box<String>, [String; 2]), long in ".{0,300}") {
        check(&(value, long))?;
    }

    #[test]
    fn lists_come_back(value: (Vec<u8>, Vec<bool>, Vec<i128>, Vec<String>, Vec<Vec<u16>>)) {
        check(&value)?;
    }

    #[test]
    fn options_and_boxes_come_back(
        value: (Option<u128>, Option<Option<String>>, Box<Option<u8>>, Option<Box<Vec<char>>>),
    ) {
        check(&value)?;
    }

    #[test]
    fn arrays_and_tuples_come_back(value: ([u8; 3], [Option<String>; 2], (u8, (u64, u8)), (i16,))) {
        check(&value)?;
    }

    #[test]
    fn records_of_any_number_of_parts_come_back(
        (a, b, c, d) in any::<(String, u8, Vec<u16>, u64)>(),
        (e, f, g, h) in any::<(Option<u8>, String, u8, i128)>(),
    ) {
        check(&(a.clone(), b, c.clone()))?;
        check(&(a.clone(), b, c.clone(), d))?;
        check(&(a.clone(), b, c.clone(), d, e))?;
        check(&(a.clone(), b, c.clone(), d, e, f.clone()))?;
        check(&(a.clone(), b, c.clone(), d, e, f.clone(), g))?;
        check(&(a, b, c, d, e, f, g, h))?;
    }

    #[test]
    fn maps_come_back(
        value: (BTreeMap<u16, u8>, BTreeMap<String, Vec<u128>>),
        nested: BTreeMap<(u8, Option<String>), BTreeMap<char, Box<[i16; 3]>>>,
    ) {
        check(&(value, nested))?;
    }

    #[test]
    fn an_entry_of_a_map_is_found_by_its_key(map: BTreeMap<String, u8>, other: String) {
        let bytes = archive(&map).unwrap();
        let stored = decode::<<BTreeMap<String, u8> as Field>::Archived>(&bytes).unwrap();
        let seen: SeqMap<'_, String, u8> = BTreeMap::view_archived(stored);
        for (key, value) in &map {
            prop_assert_eq!(seen.get(key), Some(*value));
            prop_assert_eq!(map.view().get(key), Some(*value));
        }
        prop_assert_eq!(seen.get(&other), map.get(&other).copied());
        prop_assert_eq!(seen.len(), map.len());
    }

    #[test]
    fn ids_and_moments_come_back(id: u128, moment in moments()) {
        check(&(Uuid::from_u128(id), moment, SystemTime::from(moment)))?;
        check(&(vec![Uuid::from_u128(id); 3], vec![(moment, SystemTime::from(moment))]))?;
    }

    #[test]
    fn structs_and_enums_come_back(gift in gifts(), more in prop::collection::vec(gifts(), 0..3)) {
        check_shown(&gift)?;
        check_shown(&(1_u8, more))?;
    }

    #[test]
    fn types_that_contain_themselves_come_back(tree in trees()) {
        check(&tree)?;
    }
}

#[test]
fn a_moment_is_seen_as_it_will_be_stored() {
    let fine = SystemTime::UNIX_EPOCH - std::time::Duration::from_nanos(1);
    let stored = SystemTime::UNIX_EPOCH - std::time::Duration::from_micros(1);
    assert_eq!(fine.view(), stored);
    assert_eq!(as_row(&fine).unwrap(), stored);
}
