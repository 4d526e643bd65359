//! Events that nobody thought of: old ones are read whatever is in them, new ones come back as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use varvedb::prelude::*;
use varvedb::testing::{
    UpcastFailure, any_event, any_value, assert_round_trips, assert_upcasts_are_total,
    upcast_failures,
};
use varvedb::{Event, Key, KeyRef, NameError, StreamKey};

use crate::order::OrderEvent;

#[derive(VarveId, Clone, Debug, PartialEq)]
struct Isbn(String);

/// Every way in which an event can have changed, done well.
#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "book", retired("burnt"))]
enum BookEvent {
    #[varve(revision = 3, history(LentV1, LentV2))]
    Lent {
        #[stream_id]
        book: Isbn,
        to: String,
        days: u32,
    },
    #[varve(revision = 2, alias = "given_back")]
    Returned {
        #[stream_id]
        book: Isbn,
        state: State,
        #[varve(since = 2, default = Seq::empty())]
        notes: Vec<String>,
    },
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
enum State {
    Fine,
    Torn {
        pages: Vec<u16>,
        by: Vec<State>,
        marks: BTreeMap<String, f64>,
    },
}

#[derive(VarveRevision, Debug)]
struct LentV1 {
    #[stream_id]
    book: Isbn,
    first: String,
    last: String,
    weeks: i32,
}

#[derive(VarveRevision, Debug)]
struct LentV2 {
    #[stream_id]
    book: Isbn,
    to: String,
    weeks: i32,
}

impl<'a> Upcast<'a, LentV1View<'a>> for LentV2View<'a> {
    fn upcast(old: LentV1View<'a>, scratch: &'a Scratch) -> Self {
        let to = scratch.str(format!("{} {}", old.first, old.last));
        Self {
            book: old.book,
            to,
            weeks: old.weeks,
        }
    }
}

impl<'a> Upcast<'a, LentV2View<'a>> for BookLent<'a> {
    fn upcast(old: LentV2View<'a>, _: &'a Scratch) -> Self {
        let days = u32::try_from(old.weeks).unwrap_or(0).saturating_mul(7);
        Self {
            book: old.book,
            to: old.to,
            days,
        }
    }
}

/// An upcast that has not thought of empty names.
mod hasty {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "person")]
    pub(super) enum PersonEvent {
        #[varve(revision = 2, history(RegisteredV1))]
        Registered {
            initial: char,
            nick: String,
        },
        Left {
            at: varvedb::Timestamp,
        },
    }

    #[derive(VarveRevision)]
    pub(super) struct RegisteredV1 {
        name: String,
    }

    impl<'a> Upcast<'a, RegisteredV1View<'a>> for PersonRegistered<'a> {
        fn upcast(old: RegisteredV1View<'a>, _: &'a Scratch) -> Self {
            let initial = old.name.chars().next();
            Self {
                initial: initial.unwrap(),
                nick: old.name,
            }
        }
    }
}

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "clock")]
enum ClockEvent {
    Set {
        at: SystemTime,
    },
    #[varve(revision = 2, history(WoundV1))]
    Wound {
        until: SystemTime,
    },
}

#[derive(VarveRevision)]
struct WoundV1 {
    seconds: u64,
}

impl<'a> Upcast<'a, WoundV1View<'a>> for ClockWound<'a> {
    fn upcast(old: WoundV1View<'a>, _: &'a Scratch) -> Self {
        let wound = Duration::from_secs(old.seconds >> 2);
        Self {
            until: SystemTime::UNIX_EPOCH + wound,
        }
    }
}

#[test]
fn upcasts_that_thought_of_everything_are_total() {
    assert_upcasts_are_total::<BookEvent>();
}

#[test]
fn an_upcast_that_panics_is_found_with_what_made_it() {
    let failures = upcast_failures::<hasty::PersonEvent>();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// It multiplies by 100.
#[test]
fn an_upcast_that_overflows_is_found() {
    let failures = upcast_failures::<OrderEvent>();
    let revisions: Vec<(&str, u16)> = failures
        .iter()
        .map(
            |UpcastFailure {
                 type_name,
                 revision,
                 ..
             }| (*type_name, *revision),
        )
        .collect();
    assert_eq!(revisions, [("order.placed", 1), ("order.placed", 2)]);
    assert!(failures[0].reason.contains("overflow"), "{}", failures[0]);
}

#[test]
fn an_upcast_to_what_no_store_takes_is_found() {
    let failures = upcast_failures::<ClockEvent>();
    let [failure] = &failures[..] else {
        panic!("{failures:?}")
    };
    assert_eq!((failure.type_name, failure.revision), ("clock.wound", 1));
    assert!(failure.reason.contains("cannot be stored"), "{failure}");
}

#[test]
#[should_panic(expected = "`person.registered` revision 1")]
fn the_assertion_fails_with_what_is_not_read() {
    assert_upcasts_are_total::<hasty::PersonEvent>();
}

#[test]
fn events_that_were_written_out_come_back() {
    let torn = State::Torn {
        pages: vec![1, 2],
        by: vec![State::Fine],
        marks: BTreeMap::from([("tea".to_owned(), 0.5)]),
    };
    let book = Isbn("978".to_owned());
    assert_round_trips(&[
        BookEvent::Lent {
            book: book.clone(),
            to: "somebody".to_owned(),
            days: 7,
        },
        BookEvent::Returned {
            book,
            state: torn,
            notes: vec!["late".to_owned()],
        },
    ]);
}

#[test]
#[should_panic(expected = "event 1, a `clock.set`, cannot be written")]
fn an_event_that_cannot_be_written_does_not_come_back() {
    let at = SystemTime::UNIX_EPOCH;
    let never = at + Duration::from_secs(u64::MAX >> 1);
    assert_round_trips(&[ClockEvent::Set { at }, ClockEvent::Set { at: never }]);
}

/// The id of a coin, in a form of its own: `1990-ct`.
#[derive(Clone, Debug, PartialEq)]
struct CoinId(u16);

impl StreamKey for CoinId {
    fn to_key(&self) -> Result<Key, NameError> {
        Key::text(format!("{}-ct", self.0))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        let KeyRef::Text(text) = key else { return None };
        text.strip_suffix("-ct")?.parse().ok().map(Self)
    }
}

#[derive(VarveEvent, Debug)]
#[varve(stream = "coin")]
enum CoinEvent {
    Struck {
        #[stream_id]
        coin: CoinId,
    },
}

#[test]
fn events_come_back_in_their_own_stream() {
    assert_round_trips(&[CoinEvent::Struck { coin: CoinId(1990) }]);
}

#[test]
#[should_panic(expected = "event 0, a `book.lent`, cannot be stored: it has 16777")]
fn an_event_that_is_too_large_for_a_store_does_not_come_back() {
    let book = Isbn("978".to_owned());
    let to = "x".repeat(16 << 20);
    assert_round_trips(&[BookEvent::Lent { book, to, days: 7 }]);
}

/// It was told to come back: its stream was made up.
#[test]
#[should_panic(expected = "event 0, a `book.lent`, names no stream")]
fn an_event_whose_stream_cannot_be_named_does_not_come_back() {
    let book = Isbn(String::new());
    let to = "somebody".to_owned();
    assert_round_trips(&[BookEvent::Lent { book, to, days: 7 }]);
}

/// An id that is read with the mark that it was written with.
#[derive(Clone, Debug, PartialEq)]
struct Shouted(String);

impl StreamKey for Shouted {
    fn to_key(&self) -> Result<Key, NameError> {
        Key::text(format!("{}!", self.0))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        let KeyRef::Text(text) = key else { return None };
        Some(Self(text.to_owned()))
    }
}

#[derive(VarveEvent, Debug)]
#[varve(stream = "echo")]
enum EchoEvent {
    Heard {
        #[stream_id]
        echo: Shouted,
    },
}

#[test]
#[should_panic(expected = "comes back in another stream")]
fn an_id_that_is_not_read_as_it_was_written_is_found() {
    assert_round_trips(&[EchoEvent::Heard {
        echo: Shouted("hey".to_owned()),
    }]);
}

proptest! {
    #[test]
    fn arbitrary_events_come_back(event in any_event::<BookEvent>()) {
        assert_round_trips([&event]);
    }

    #[test]
    fn arbitrary_events_are_equal_to_their_views_made_owned(event in any_event::<BookEvent>()) {
        prop_assert_eq!(&BookEvent::from_view(event.view()), &event);
    }

    #[test]
    fn arbitrary_values_are_equal_to_their_views_made_owned(state in any_value::<State>()) {
        prop_assert_eq!(&<State as varvedb::Field>::from_view(varvedb::Field::view(&state)), &state);
    }
}

#[test]
fn arbitrary_events_are_of_every_type_in_many_streams() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut types, mut streams) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..64 {
        let event = any_event::<BookEvent>()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        types.insert(event.schema_index());
        streams.insert(event.stream_id().unwrap().0);
    }
    assert_eq!(types.len(), 2);
    assert!(streams.len() > 32, "{streams:?}");
}

#[test]
fn a_failure_is_made_small() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let is_short = |event: BookEvent| match event {
        BookEvent::Lent { to, .. } if to.len() > 2 => Err(TestCaseError::fail("long")),
        _ => Ok(()),
    };
    let failed = runner.run(&any_event::<BookEvent>(), is_short).unwrap_err();
    insta::assert_snapshot!(failed);
}
