//! A value of every kind, read without its type.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use rkyv::util::AlignedVec;
use uuid::Uuid;

use super::hostile::is_read_if_rkyv_accepts_it;
use super::json::{Json, list, object};
use super::{archive, schema};
use crate::codec::Field;
use crate::codec::record::decode;
use crate::codec::schema::DynamicSchema;
use crate::{Timestamp, VarveValue};

#[derive(Clone, Debug, VarveValue)]
enum Gift {
    No,
    Wrapped {
        paper: String,
        colour: Option<u8>,
    },
    Several {
        lines: Vec<Line>,
        inside: Vec<Gift>,
    },
    Chained {
        next: Option<Box<u16>>,
        by: BTreeMap<u16, Gift>,
    },
}

#[derive(Clone, Debug, VarveValue)]
struct Line {
    sku: String,
    hidden: bool,
    quantity: u16,
    cents: i64,
    id: Uuid,
}

type Numbers = (u8, i8, u16, i32, u64, i64, u128, i128);
type Others = (
    (f32, f64, char, bool),
    Box<String>,
    [Option<u16>; 2],
    Timestamp,
    Uuid,
    BTreeMap<String, u64>,
    BTreeMap<(u8, u64), char>,
    Vec<u8>,
);
type All = (Numbers, Others, Vec<Gift>);

impl Json for Line {
    fn json(&self) -> String {
        object([
            ("sku".into(), self.sku.json()),
            ("hidden".into(), self.hidden.json()),
            ("quantity".into(), self.quantity.json()),
            ("cents".into(), self.cents.json()),
            ("id".into(), self.id.json()),
        ])
    }
}
impl Json for Gift {
    fn json(&self) -> String {
        let (name, fields) = match self {
            Self::No => return "\"no\"".to_owned(),
            Self::Wrapped { paper, colour } => (
                "wrapped",
                [
                    ("paper".into(), paper.json()),
                    ("colour".into(), colour.json()),
                ],
            ),
            Self::Several { lines, inside } => (
                "several",
                [
                    ("lines".into(), list(lines)),
                    ("inside".into(), list(inside)),
                ],
            ),
            Self::Chained { next, by } => {
                let by = object(by.iter().map(|(k, v)| (k.json(), v.json())));
                ("chained", [("next".into(), next.json()), ("by".into(), by)])
            }
        };
        object([(name.into(), object(fields))])
    }
}

fn moments() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros)
}

fn gifts() -> impl Strategy<Value = Gift> {
    let line = any::<(String, bool, u16, i64, u128)>();
    let line = line.prop_map(|(sku, hidden, quantity, cents, id)| Line {
        sku,
        hidden,
        quantity,
        cents,
        id: Uuid::from_u128(id),
    });
    let wrapped = any::<(String, Option<u8>)>();
    let leaf = prop_oneof![
        Just(Gift::No),
        wrapped.prop_map(|(paper, colour)| Gift::Wrapped { paper, colour }),
    ];
    leaf.prop_recursive(4, 16, 3, move |inner| {
        let lines = prop::collection::vec(line.clone(), 0..3);
        let inside = prop::collection::vec(inner.clone(), 0..3);
        let by = prop::collection::btree_map(any::<u16>(), inner, 0..3);
        let next = prop::option::of(any::<u16>().prop_map(Box::new));
        prop_oneof![
            (lines, inside).prop_map(|(lines, inside)| Gift::Several { lines, inside }),
            (next, by).prop_map(|(next, by)| Gift::Chained { next, by }),
        ]
    })
}

fn all() -> impl Strategy<Value = All> {
    let others = (
        any::<(f32, f64, char, bool)>(),
        any::<Box<String>>(),
        any::<[Option<u16>; 2]>(),
        moments(),
        any::<u128>().prop_map(Uuid::from_u128),
        any::<BTreeMap<String, u64>>(),
        any::<BTreeMap<(u8, u64), char>>(),
        any::<Vec<u8>>(),
    );
    (
        any::<Numbers>(),
        others,
        prop::collection::vec(gifts(), 0..3),
    )
}

proptest! {
    #[test]
    fn what_is_read_without_types_is_what_was_written((numbers, others, gifts) in all()) {
        let value = schema::<All>().decode(&archive(&(numbers, others.clone(), gifts.clone())));
        let expected = format!("[{},{},{}]", numbers.json(), others.json(), list(&gifts));
        prop_assert_eq!(value.unwrap().to_string(), expected);
    }

    #[test]
    fn what_rkyv_accepts_is_read_and_nothing_panics(
        value in all(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
    ) {
        is_read_if_rkyv_accepts_it::<All>(&archive(&value), &changes)?;
    }

    #[test]
    fn hostile_bytes_and_texts_never_panic(
        bytes: Vec<u8>,
        text in "(list|map|box|option|enum|u8|str|[0-9<>{}()\\[\\],;:|/@ a]){0,32}",
    ) {
        let _ = schema::<All>().decode(&bytes);
        if let Ok(schema) = DynamicSchema::parse(&text) {
            let _ = schema.decode(&bytes).map(|value| value.to_string());
        }
    }
}

#[test]
fn every_single_bit_may_flip() {
    let wrapped = Gift::Wrapped {
        paper: "a paper out of line".into(),
        colour: Some(1),
    };
    let inside = vec![Gift::No, wrapped.clone()];
    let gift = Gift::Several {
        lines: vec![],
        inside,
    };
    let gift = Gift::Chained {
        next: Some(Box::new(7)),
        by: BTreeMap::from([(7, wrapped), (8, gift)]),
    };
    let mut bytes = AlignedVec::<16>::new();
    bytes.extend_from_slice(&archive(&gift));
    let schema = schema::<Gift>();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = schema.decode(&bytes);
        let accepted = decode::<<Gift as Field>::Archived>(&bytes).is_ok();
        assert!(read.is_ok() || !accepted, "bit {bit}: {read:?}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn values_lie_as_deep_in_each_other_as_they_can_be_written() {
    let deep = (0..127).fold(Gift::No, |gift, _| Gift::Several {
        lines: vec![],
        inside: vec![gift],
    });
    let value = schema::<Gift>().decode(&archive(&deep)).unwrap();
    assert_eq!(value.to_string(), deep.json());
}
