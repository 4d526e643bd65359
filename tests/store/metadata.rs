//! Who and why: what is recorded beside the payload.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use varvedb::{AppendError, ExpectedVersion, ManualClock, Metadata, MetadataError, Timestamp};

use crate::kit::{Place, book, fresh, lent};

fn all_of_it() -> Metadata {
    Metadata {
        correlation_id: Some(Uuid::from_u128(1)),
        causation_id: Some(Uuid::from_u128(2)),
        actor: Some("front desk".into()),
        entries: [("ip", "::1"), ("empty", ""), ("ключ", "значение")]
            .map(|(key, value)| (key.into(), value.into()))
            .into(),
    }
}

#[test]
fn metadata_comes_back_as_it_was_given() {
    let place = Place::new();
    let event = lent("a").with_metadata(all_of_it());
    let _ = place
        .open()
        .append(&book(1), ExpectedVersion::Any, [event, lent("b")])
        .unwrap();
    let events = place.open().read_stream(&book(1)).to_vec().unwrap();
    assert_eq!(events[0].metadata, all_of_it());
    assert_eq!(events[1].metadata, Metadata::default());
}

#[test]
fn metadata_that_cannot_be_stored_is_refused() {
    let store = fresh();
    let with = |key: &str, value: &str| {
        let entries = [(key.to_owned(), value.to_owned())].into();
        lent("a").with_metadata(Metadata {
            entries,
            ..Metadata::default()
        })
    };
    for event in [
        with("", "x"),
        with(&"k".repeat(256), "x"),
        with("k", &"x".repeat(65_536)),
    ] {
        let error = store
            .append(&book(1), ExpectedVersion::Any, [event])
            .unwrap_err();
        assert!(matches!(error, AppendError::Metadata(_)), "{error}");
    }
    let many = (0..10)
        .map(|n| (n.to_string(), "x".repeat(65_535)))
        .collect();
    let many = lent("a").with_metadata(Metadata {
        entries: many,
        ..Metadata::default()
    });
    let error = store
        .append(&book(1), ExpectedVersion::Any, [many])
        .unwrap_err();
    assert!(
        matches!(error, AppendError::Metadata(MetadataError::TooLong { .. })),
        "{error}"
    );
    assert_eq!(store.head(), 0);
}

#[test]
fn every_event_has_an_id_of_its_own() {
    let store = fresh();
    for _ in 0..3 {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("a"), lent("b")])
            .unwrap();
    }
    let events = store.read_log().to_vec().unwrap();
    let ids: BTreeSet<Uuid> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 6);
    assert!(events.iter().all(|event| event.id.get_version_num() == 7));
}

#[test]
fn an_importer_may_keep_an_events_id() {
    let store = fresh();
    let (id, other) = (Uuid::from_u128(42), lent("b"));
    let imported = lent("a").with_id(id);
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [imported, other])
        .unwrap();
    let events = store.read_log().to_vec().unwrap();
    assert_eq!(events[0].id, id);
    assert_ne!(events[1].id, id);
}

#[test]
fn times_never_go_back_even_when_the_clock_does() {
    let place = Place::new();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_000)));
    let store = place.open_with(varvedb::Store::options().clock(clock.clone()));
    let append = || {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("a")])
            .unwrap();
    };
    append();
    clock.advance(Duration::from_micros(5));
    append();
    clock.set(Timestamp::from_micros(3));
    append();
    let times = |store: &varvedb::blocking::Store| -> Vec<i64> {
        let events = store.read_log().to_vec().unwrap();
        events.iter().map(|event| event.time.as_micros()).collect()
    };
    assert_eq!(times(&store), [1_000, 1_005, 1_005]);
    drop(store);
    // Nor after reopening.
    let store = place.open_with(varvedb::Store::options().clock(clock));
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    assert_eq!(times(&store), [1_000, 1_005, 1_005, 1_005]);
}
