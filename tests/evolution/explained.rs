//! A store explains its events to a program that knows none of them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use uuid::Uuid;
use varvedb::prelude::*;
use varvedb::{DynamicValue, ExpectedVersion, NewEvent, Timestamp, TypeName};

use crate::kit::{Place, book, lent};
use crate::order::{store, three_years};

/// What a program without any types prints: each event's type and revision, and what it says.
fn explained(place: &Place) -> String {
    let store = place.open();
    let mut lines = Vec::new();
    let explain = |event: &varvedb::RecordedEvent<'_>| {
        let value = store.explain(event).unwrap();
        let (name, revision) = (event.type_name(), event.meta().revision());
        lines.push(format!("{name}@{revision} {value}"));
        ControlFlow::Continue(())
    };
    store.read_log().visit(explain).unwrap();
    lines.join("\n")
}

#[test]
fn events_of_every_revision_are_explained_as_they_were_stored() {
    let place = Place::new();
    three_years(&place.open());
    insta::assert_snapshot!(explained(&place));
}

#[derive(VarveEvent, Clone, Debug)]
#[varve(stream = "zoo")]
enum ZooEvent {
    Numbers {
        #[stream_id]
        id: u64,
        small: (u8, i8, u16, i16),
        middle: (u32, i32, f32),
        exact: [u64; 2],
        large: (u64, i64, u128, i128),
        ratios: Vec<f64>,
    },
    Texts {
        #[stream_id]
        id: u64,
        is_long: bool,
        letter: char,
        short: String,
        long: String,
    },
    Moments {
        #[stream_id]
        id: u64,
        at: Timestamp,
        before: Option<Timestamp>,
        never: Option<Timestamp>,
        visitor: Uuid,
    },
    Parts {
        #[stream_id]
        id: u64,
        bytes: Vec<u8>,
        boxed: Box<Cage>,
        names: BTreeMap<String, u16>,
        places: BTreeMap<(i32, i32), char>,
        keepers: BTreeMap<Shift, u8>,
        cage: Cage,
        animals: Vec<Animal>,
        visitor: Visitor,
    },
    Nothing {
        #[stream_id]
        id: u64,
    },
}

#[derive(VarveValue, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shift {
    Day,
    Night,
}

#[derive(VarveValue, Clone, Debug)]
struct Cage {
    name: String,
    metres: u16,
}

#[derive(VarveValue, Clone, Debug)]
enum Animal {
    Unknown,
    Lion { age: u8 },
    Herd { of: Vec<Animal> },
}

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
struct Visitor(u64);

fn a_zoo() -> [ZooEvent; 5] {
    let second = |second: i64| Timestamp::from_micros(second * 1_000_000);
    let numbers = ZooEvent::Numbers {
        id: 7,
        small: (u8::MAX, i8::MIN, u16::MAX, i16::MIN),
        middle: (u32::MAX, i32::MIN, 1.5),
        exact: [1 << 53, (1 << 53) + 1],
        large: (u64::MAX, i64::MIN, u128::MAX, i128::MIN),
        ratios: vec![0.1, -0.0, 1e300, f64::NAN, f64::NEG_INFINITY],
    };
    let texts = ZooEvent::Texts {
        id: 7,
        is_long: true,
        letter: 'ж',
        short: "a\n\"b\"".into(),
        long: "longer than what lies in place, with a tab\tand \u{1}".into(),
    };
    let moments = ZooEvent::Moments {
        id: 7,
        at: Timestamp::from_micros(1_700_000_000_123_456),
        before: Some(second(-1)),
        never: None,
        visitor: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001),
    };
    let herd = Animal::Herd {
        of: vec![Animal::Lion { age: 3 }, Animal::Unknown],
    };
    let parts = ZooEvent::Parts {
        id: 7,
        bytes: vec![0, 1, 254, 255],
        boxed: Box::new(Cage {
            name: "in a place of its own".into(),
            metres: 1,
        }),
        names: BTreeMap::from([("Leo".into(), 1), ("Pumba".into(), 2)]),
        places: BTreeMap::from([((0, -1), 'a'), ((1, 0), 'b')]),
        keepers: BTreeMap::from([(Shift::Day, 3), (Shift::Night, 1)]),
        cage: Cage {
            name: "savannah".into(),
            metres: 400,
        },
        animals: vec![Animal::Unknown, herd],
        visitor: Visitor(12),
    };
    [numbers, texts, moments, parts, ZooEvent::Nothing { id: 7 }]
}

#[test]
fn fields_of_every_kind_are_explained() {
    let place = Place::new();
    store(&place.open(), &a_zoo());
    insta::assert_snapshot!(explained(&place));
}

#[test]
fn an_event_that_was_appended_without_a_layout_is_opaque() {
    let place = Place::new();
    let store = place.open();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("Ada")])
        .unwrap();
    let [event] = store.read_log().to_vec().unwrap().try_into().unwrap();
    let explained = store.explain(&event).unwrap();
    assert_eq!(explained, DynamicValue::Opaque(b"Ada".to_vec()));
    assert_eq!(explained.to_string(), r#"{"opaque":"416461"}"#);
}

#[test]
fn an_event_of_another_store_is_not_guessed() {
    let (place, other) = (Place::new(), Place::new());
    store(&place.open(), &a_zoo());
    let events = place.open().read_log().to_vec().unwrap();
    let refused = other.open().explain(&events[0]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the store has no layout of event `zoo.numbers` revision 1; ask the store that the event was \
         read from"
    );
}

#[test]
fn bytes_that_do_not_fit_their_layout_are_an_error_that_says_where() {
    let place = Place::new();
    let log = place.open();
    store(&log, &[ZooEvent::Nothing { id: 7 }, a_zoo()[1].clone()]);
    let foreign = NewEvent::new(TypeName::new("zoo.texts").unwrap(), *b"what?");
    let _ = log
        .append(&book(1), ExpectedVersion::Any, [foreign])
        .unwrap();
    let events = log.read_log().to_vec().unwrap();
    let refused = log.explain(&events[2]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "event `zoo.texts` revision 1 at position 3 cannot be explained: the payload does not fit \
         its schema: it is too short, at byte 0"
    );
}

#[test]
fn a_reader_beside_the_writing_process_takes_a_schema_once_for_many_events() {
    let place = Place::new();
    store(&place.open(), &a_zoo());
    let log = Store::open_read_only(place.path()).unwrap();
    let schema = log.schema("zoo.texts", 1).unwrap().unwrap();
    assert_eq!(
        schema.text(),
        "{is_long: bool, letter: char, short: str, long: str}"
    );
    let texts = TypeName::new("zoo.texts").unwrap();
    let [event] = log
        .read_log()
        .of_types([&texts])
        .to_vec()
        .unwrap()
        .try_into()
        .unwrap();
    let value = schema.decode(&event.payload).unwrap();
    assert_eq!(value, log.explain(&event).unwrap());
    assert_eq!(value.field("letter"), Some(&DynamicValue::Text("ж".into())));
    assert!(log.schema("zoo.texts", 2).unwrap().is_none());
    assert!(log.schema("zoo.escaped", 1).unwrap().is_none());
}
