//! Snapshots wait for their events to be folded, and are believed only whole.

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::snapshots::{LastEvent, StateSnapshot};
use super::{Index, add, open};
use crate::clock::Timestamp;
use crate::position::{Position, Version};
use crate::stream::KeyRef;

const KEY: KeyRef<'static> = KeyRef::Number(1);

fn snapshot(position: u64, state: &[u8]) -> StateSnapshot<'_> {
    StateSnapshot {
        fingerprint: [3; 32],
        last: LastEvent {
            version: Version::new(position),
            position: Position::new(position),
            id: Uuid::from_u128(position.into()),
            time: Timestamp::from_micros(5),
        },
        state,
        owners: &[],
    }
}

fn offer(index: &Index, position: u64, state: &[u8]) -> bool {
    let snapshot = snapshot(position, state);
    index.offer_snapshot(1, KEY, &snapshot).unwrap()
}

/// The position and the state of the stream's snapshot.
fn found(index: &Index, key: KeyRef<'_>) -> Option<(u64, Vec<u8>)> {
    let seen = index.snapshot(1, key, |row| {
        let snapshot = row.open().unwrap();
        assert_eq!(row.fingerprint().unwrap(), snapshot.fingerprint);
        (snapshot.last.position.get(), snapshot.state.to_vec())
    });
    seen.unwrap()
}

fn five_events(index: &Index) {
    for position in 1..=5 {
        add(index, position, &[(1, KEY, position)]);
    }
}

#[test]
fn a_snapshot_reaches_the_table_with_the_fold_of_its_last_event_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    five_events(&index);
    assert!(offer(&index, 5, b"five"));
    assert_eq!(found(&index, KEY), Some((5, b"five".to_vec())));
    index.fold_through(9, Position::new(4)).unwrap();
    assert!(index.has_waiting_snapshots());
    drop(index);
    let index = open(dir.path());
    assert_eq!(
        found(&index, KEY),
        None,
        "its event may have been lost with the log"
    );

    add(&index, 5, &[(1, KEY, 5)]);
    assert!(offer(&index, 5, b"five"));
    index.fold(9).unwrap();
    assert!(!index.has_waiting_snapshots());
    assert_eq!(found(&index, KEY), Some((5, b"five".to_vec())));
    drop(index);
    assert_eq!(found(&open(dir.path()), KEY), Some((5, b"five".to_vec())));
}

#[test]
fn a_snapshot_of_a_folded_event_is_written_though_nothing_is_left_to_fold() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    five_events(&index);
    index.fold(9).unwrap();
    assert!(offer(&index, 3, b"three"));
    assert_eq!(index.fold(9).unwrap(), 0);
    drop(index);
    assert_eq!(found(&open(dir.path()), KEY), Some((3, b"three".to_vec())));
}

#[test]
fn the_newest_of_a_stream_wins_and_streams_are_not_mixed_up() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    five_events(&index);
    assert!(offer(&index, 3, b"three"));
    assert!(offer(&index, 4, b"four"));
    assert!(!offer(&index, 2, b"two"), "a newer one waits");
    assert_eq!(found(&index, KEY), Some((4, b"four".to_vec())));
    assert_eq!(found(&index, KeyRef::Number(2)), None);
    index.fold(9).unwrap();
    assert_eq!(found(&index, KEY), Some((4, b"four".to_vec())));
    assert!(offer(&index, 5, b"five"));
    assert_eq!(found(&index, KEY), Some((5, b"five".to_vec())));
}

#[test]
fn when_too_many_wait_more_are_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let offer_to = |key, state: &[u8]| {
        let snapshot = snapshot(1, state);
        index
            .offer_snapshot(1, KeyRef::Number(key), &snapshot)
            .unwrap()
    };
    let taken = (0..10_000).filter(|key| offer_to(*key, b"small")).count();
    assert_eq!(taken, 4096);
    assert!(offer_to(7, b"another of a stream that waits already"));
    assert!(!offer_to(7, &vec![0; 65 << 20]), "more than may wait");

    let other = tempfile::tempdir().unwrap();
    let index = open(other.path());
    let large = vec![0; 10 << 20];
    let large_to = |key| {
        let snapshot = snapshot(1, &large);
        index
            .offer_snapshot(1, KeyRef::Number(key), &snapshot)
            .unwrap()
    };
    assert_eq!((0..10).filter(|key| large_to(*key)).count(), 6);
    assert!(large_to(5), "it takes the place of one as large");
}

/// The map of an index doubles when it is full; the fold runs again, with its snapshots.
#[test]
fn a_snapshot_larger_than_the_map_makes_it_grow() {
    let dir = tempfile::tempdir().unwrap();
    let options = super::IndexOptions {
        map_bytes: super::SMALL_MAP_BYTES,
        ..super::IndexOptions::new(super::STORE)
    };
    let index = Index::open(dir.path(), &options).unwrap();
    five_events(&index);
    let state = vec![7; 1 << 20];
    assert!(offer(&index, 5, &state));
    index.fold(9).unwrap();
    drop(index);
    assert_eq!(found(&open(dir.path()), KEY), Some((5, state)));
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    five_events(&index);
    offer(&index, 5, b"five");
    index.fold(9).unwrap();
    let environment = &index.shared.environment;
    let name = super::super::name::StreamName::new(1, KEY).unwrap();
    let whole: Vec<u8> = {
        let snapshot = environment.snapshot().unwrap();
        let row = snapshot
            .tables
            .snapshots
            .get(snapshot.txn(), name.as_bytes());
        row.unwrap().unwrap().to_vec()
    };
    let put = |row: &[u8]| {
        let put = environment.write(|t| t.put(t.tables.snapshots, name.as_bytes(), row));
        put.unwrap();
    };
    let is_whole = || index.snapshot(1, KEY, |row| row.open().is_ok()).unwrap();
    for at in 0..whole.len() {
        let mut row = whole.clone();
        row[at] ^= 1;
        put(&row);
        assert_eq!(is_whole(), Some(false), "byte {at}");
        put(&whole[..at]);
        assert_eq!(is_whole(), Some(false), "{at} bytes");
    }
    put(&whole);
    assert_eq!(is_whole(), Some(true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn hostile_rows_are_refused_and_never_a_panic(row in vec(any::<u8>(), 0..200)) {
        let dir = tempfile::tempdir().unwrap();
        let index = open(dir.path());
        five_events(&index);
        index.fold(9).unwrap();
        let name = super::super::name::StreamName::new(1, KEY).unwrap();
        let environment = &index.shared.environment;
        environment.write(|t| t.put(t.tables.snapshots, name.as_bytes(), &row)).unwrap();
        let opened = index.snapshot(1, KEY, |row| row.open().is_ok()).unwrap();
        prop_assert_eq!(opened, Some(false));
    }
}
