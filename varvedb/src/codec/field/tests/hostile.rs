//! Bytes that nobody wrote are refused, or read as some value: they never panic.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::SystemTime;

use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

use super::tree::Tree;
use super::{Gift, Line, aligned, archive};
use crate::clock::Timestamp;
use crate::codec::decode_value;
use crate::codec::field::{Field, Seq, SeqMap};
use crate::codec::record::decode;

type Lists = (Vec<String>, Vec<u64>, Vec<(char, Vec<u8>)>, Vec<u8>);
type Maps = (BTreeMap<String, u8>, BTreeMap<u16, Vec<String>>);
type Parts = (
    Option<Box<String>>,
    [Option<char>; 3],
    (bool, u128),
    Uuid,
    Timestamp,
    SystemTime,
);
type All = (Lists, Maps, Parts, Tree, Gift);

/// Reads the bytes in every way there is; whether they were an archive.
pub(super) fn read<T: Field>(bytes: &[u8], look: impl Fn(T::View<'_>)) -> bool {
    let _ = decode_value::<T>(bytes);
    let bytes = aligned(bytes);
    let Ok(archived) = decode::<T::Archived>(&bytes) else {
        return false;
    };
    look(T::view_archived(archived));
    let _ = format!("{:?}", T::view_archived(archived));
    // Written again it may be refused, since bad bytes can lie a little deeper than good ones.
    let _ = archive(&T::from_view(T::view_archived(archived)));
    true
}

fn look_at_list<'a, T: Field>(list: Seq<'a, T>)
where
    T::View<'a>: PartialEq,
{
    assert!(list.get(list.len()).is_none());
    assert_eq!(list.first().is_none(), list.is_empty());
    assert_eq!(
        list.last().is_some(),
        list.iter().nth(list.len().wrapping_sub(1)).is_some()
    );
    assert_eq!(list.iter().rev().count(), list.iter().len());
    assert_eq!(list.to_vec().len(), list.len());
    assert!(list.into_iter().count() == list.len());
    let same = list;
    let _ = list == same;
}

fn look_at_map<'a, K: Field + Ord, V: Field>(map: SeqMap<'a, K, V>)
where
    K::View<'a>: Ord,
    V::View<'a>: Debug + PartialEq,
{
    for (key, _) in map {
        let _ = map.get(key);
    }
    assert_eq!(map.iter().len(), map.len());
    assert_eq!(map.is_empty(), map.iter().next().is_none());
    let same = map;
    let _ = map == same;
}

fn look_at_texts(texts: Seq<'_, String>) {
    look_at_list(texts);
}

fn look_at_counts(counts: SeqMap<'_, String, u8>) {
    look_at_map(counts);
}

fn look_at_all(all: <All as Field>::View<'_>) {
    let (lists, maps, ..) = all;
    look_at_list(lists.0);
    look_at_list(lists.1);
    look_at_list(lists.2);
    assert_eq!(lists.3.as_slice().len(), lists.3.len());
    look_at_map(maps.0);
    look_at_map(maps.1);
}

fn all() -> All {
    let text = |text: &str| text.to_owned();
    let lists = (
        vec![text("in line"), text("and out of line")],
        vec![1, u64::MAX],
        vec![('é', vec![1, 2, 3])],
        vec![7; 5],
    );
    let maps = (
        BTreeMap::from([(text("a"), 1), (text("b, out of line"), 2)]),
        BTreeMap::from([(300, vec![text("of a list in a map")])]),
    );
    let parts = (
        Some(Box::new(text("boxed, out of line"))),
        [Some('a'), None, Some('\u{10ffff}')],
        (true, u128::MAX),
        Uuid::max(),
        Timestamp::from_micros(-1),
        SystemTime::UNIX_EPOCH,
    );
    let line = Line {
        sku: text("0-00-000000-0"),
        quantity: 3,
        cents: -1,
    };
    let wrapped = Gift::Wrapped {
        paper: text("blue"),
        colour: Some(1),
    };
    let gift = Gift::Several {
        lines: vec![line],
        inside: vec![wrapped],
    };
    (
        lists,
        maps,
        parts,
        Tree::of_depth(5, "a leaf out of line"),
        gift,
    )
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_not_trusted(bytes: Vec<u8>, zeros in 0..512_usize) {
        let padded = [bytes.as_slice(), &vec![0; zeros]].concat();
        for bytes in [bytes, padded] {
            read::<All>(&bytes, look_at_all);
            read::<Vec<String>>(&bytes, look_at_texts);
            read::<BTreeMap<String, u8>>(&bytes, look_at_counts);
            read::<Tree>(&bytes, |_| {});
            read::<Gift>(&bytes, |_| {});
            read::<Option<Box<char>>>(&bytes, |_| {});
        }
    }

    #[test]
    fn an_archive_with_some_bytes_changed_is_not_trusted(
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = archive(&all()).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read::<All>(&bytes, look_at_all);
    }

    #[test]
    fn an_archive_cut_short_or_longer_is_not_trusted(cut: Index, more: Vec<u8>) {
        let bytes = archive(&all()).unwrap();
        read::<All>(&bytes[..cut.index(bytes.len())], look_at_all);
        read::<All>(&bytes[cut.index(bytes.len())..], look_at_all);
        read::<All>(&[&bytes, more.as_slice()].concat(), look_at_all);
    }
}

#[test]
fn every_single_bit_may_flip() {
    let bytes = archive(&all()).unwrap();
    assert!(read::<All>(&bytes, look_at_all));
    let flipped = (0..bytes.len() * 8).filter(|bit| {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        !read::<All>(&bytes, look_at_all)
    });
    assert!(flipped.count() > 0, "some flips are noticed");
}

#[test]
fn lists_that_lie_inside_each_other_without_end_are_refused() {
    let deep = Tree::of_depth(crate::codec::payload::MAX_DEPTH - 1, "");
    // One tree above the limit, laid around an archive that reaches it: a list of one element that
    // begins where that archive's root does.
    let mut bytes = archive(&deep).unwrap();
    let root = size_of::<<Tree as Field>::Archived>();
    let mut levels = 0;
    while read::<Tree>(&bytes, |_| {}) {
        levels += 1;
        let above = archive(&Tree::of_depth(1, "")).unwrap();
        bytes.extend_from_slice(&above[above.len() - root..]);
    }
    assert!(levels <= 3, "{levels} levels more than can be written");
}
