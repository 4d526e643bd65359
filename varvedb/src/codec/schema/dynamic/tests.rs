//! A value read without its type is the value that was written, and nothing hostile panics.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use rkyv::util::AlignedVec;
use uuid::Uuid;

use super::*;
use crate::codec::record::decode;
use crate::codec::{Field, encode};
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

/// JSON from the native value, told by its type.
trait Json {
    fn json(&self) -> String;
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl Json for $number {
            fn json(&self) -> String {
                let exact = i128::try_from(*self).is_ok_and(|n| n.unsigned_abs() <= 1 << 53);
                if exact { self.to_string() } else { format!("\"{self}\"") }
            }
        }
    )*};
}
whole_numbers!(u8 i8 u16 i32 u64 i64 u128 i128);

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Json for $float {
            fn json(&self) -> String {
                if self.is_finite() { format!("{self:?}") } else { format!("\"{self:?}\"") }
            }
        }
    )*};
}
floats!(f32 f64);

macro_rules! tuples {
    ($(($($part:ident)*))*) => {$(
        #[expect(non_snake_case, reason = "parts are called as their types")]
        impl<$($part: Json),*> Json for ($($part,)*) {
            fn json(&self) -> String {
                let ($($part,)*) = self;
                format!("[{}]", [$($part.json()),*].join(","))
            }
        }
    )*};
}
tuples!((A B) (A B C) (A B C D) (A B C D E F G H));

impl Json for bool {
    fn json(&self) -> String {
        self.to_string()
    }
}
impl Json for str {
    fn json(&self) -> String {
        let escaped = self.chars().map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c < ' ' => format!("\\u00{:02x}", u32::from(c)),
            c => c.to_string(),
        });
        format!("\"{}\"", escaped.collect::<String>())
    }
}
impl Json for String {
    fn json(&self) -> String {
        self.as_str().json()
    }
}
impl Json for char {
    fn json(&self) -> String {
        self.to_string().json()
    }
}
impl Json for Uuid {
    fn json(&self) -> String {
        self.to_string().json()
    }
}
impl Json for Timestamp {
    fn json(&self) -> String {
        let moment = counted_moment(self.as_micros());
        moment.json()
    }
}
impl Json for Vec<u8> {
    fn json(&self) -> String {
        let digits = self.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>().json()
    }
}
impl<T: Json> Json for Option<T> {
    fn json(&self) -> String {
        self.as_ref().map_or("null".to_owned(), Json::json)
    }
}
impl<T: Json + ?Sized> Json for Box<T> {
    fn json(&self) -> String {
        (**self).json()
    }
}
impl<T: Json> Json for [T; 2] {
    fn json(&self) -> String {
        let [first, second] = self;
        format!("[{},{}]", first.json(), second.json())
    }
}
fn list<T: Json>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(Json::json).collect();
    format!("[{}]", items.join(","))
}
fn object(members: impl IntoIterator<Item = (String, String)>) -> String {
    let members = members.into_iter();
    let members = members.map(|(name, value)| format!("\"{}\":{value}", name.trim_matches('"')));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
impl Json for BTreeMap<String, u64> {
    fn json(&self) -> String {
        let members = self
            .iter()
            .map(|(k, v)| format!("{}:{}", k.json(), v.json()));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}
impl Json for BTreeMap<(u8, u64), char> {
    fn json(&self) -> String {
        let pairs: Vec<_> = self
            .iter()
            .map(|(k, v)| format!("[{},{}]", k.json(), v.json()))
            .collect();
        if pairs.is_empty() {
            "{}".to_owned()
        } else {
            format!("[{}]", pairs.join(","))
        }
    }
}
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

/// The same moment by plain counting of years and months.
fn counted_moment(micros: i64) -> String {
    let (mut day, rest) = (
        micros.div_euclid(86_400_000_000),
        micros.rem_euclid(86_400_000_000),
    );
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = |year| if is_leap(year) { 366 } else { 365 };
    let mut year = 1970 + day.div_euclid(146_097) * 400;
    day = day.rem_euclid(146_097);
    while day >= days(year) {
        day -= days(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let year = if (0..=9999).contains(&year) {
        format!("{year:04}")
    } else {
        format!("{year:+07}")
    };
    let (second, micro) = (rest / 1_000_000, rest % 1_000_000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}Z",
        day + 1
    )
}

fn archive<T: Field>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&value, &mut bytes).unwrap();
    bytes
}

fn schema<T: Field>() -> DynamicSchema {
    DynamicSchema::parse(&T::SCHEMA.text()).unwrap()
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
        let mut bytes = AlignedVec::<16>::new();
        bytes.extend_from_slice(&archive(&value));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let read = schema::<All>().decode(&bytes);
        if decode::<<All as Field>::Archived>(&bytes).is_ok() {
            prop_assert!(read.is_ok(), "{:?}", read);
        }
        if let Ok(value) = read {
            let _ = value.to_string();
        }
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

#[test]
fn a_text_that_nests_more_than_the_stack_holds_is_refused() {
    // Each box points to the one before it.
    let schema = DynamicSchema::parse("{a: box<@1>}").unwrap();
    let bytes: Vec<u8> = (0..10_000).flat_map(|_| (-4_i32).to_le_bytes()).collect();
    let error = schema.decode(&bytes).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}

#[test]
fn a_list_that_says_it_is_long_asks_for_no_memory() {
    for text in [
        "list<u8>",
        "list<str>",
        "map<u8, u8>",
        "list<()>",
        "list<[u8; 0]>",
    ] {
        let schema = DynamicSchema::parse(text).unwrap();
        let hostile = [(-4_i32).to_le_bytes(), u32::MAX.to_le_bytes()].concat();
        schema.decode(&hostile).unwrap_err();
    }
    let nothing = DynamicSchema::parse("[[(); 4000000000]; 4000000000]").unwrap();
    nothing.decode(&[]).unwrap_err();
}

#[test]
fn types_of_other_crates_are_text() {
    let shown = |text: &str, bytes: &[u8]| {
        let schema = DynamicSchema::parse(text).unwrap();
        schema.decode(bytes).unwrap().to_string()
    };
    let decimal = |flags: u32, digits: u32| {
        let bytes: Vec<u8> = [flags, digits, 0, 0]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        shown("decimal/16/1", &bytes)
    };
    assert_eq!(decimal(0x0002_0000, 150), "\"1.50\"");
    assert_eq!(decimal(0x8003_0000, 7), "\"-0.007\"");
    assert_eq!(decimal(0, 42), "\"42\"");
    assert_eq!(
        decimal(0x0000_0001, 1),
        "\"01000000010000000000000000000000\""
    );
    assert_eq!(
        shown(
            "ulid/16/1",
            &0x0156_3e3a_b5d3_d676_4c61_efb9_9302_bd5b_u128.to_be_bytes()
        ),
        "\"01ARZ3NDEKTSV4RRFFQ69G5FAV\""
    );
    assert_eq!(
        shown("date_days/4/4", &19_675_i32.to_le_bytes()),
        "\"2023-11-14\""
    );
    assert_eq!(
        shown("date_days/4/4", &(-719_529_i32).to_le_bytes()),
        "\"-000001-12-31\""
    );
    assert_eq!(shown("point/2/1", &[1, 255]), "\"01ff\"");
}
