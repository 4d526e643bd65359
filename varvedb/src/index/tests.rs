//! Promises of the index, kept on real files.

mod damage;
mod growth;
mod model;
mod owned;
mod race;
mod read_models;
mod snapshots;

use std::path::Path;

use uuid::Uuid;

use super::{
    Entry, Index, IndexOptions, Order, Point, StreamName, TailCommit, TailRun, VersionRange,
};
use crate::position::{Place, Position, Version};
use crate::stream::KeyRef;

const STORE: Uuid = Uuid::from_u128(7);
const SMALL_MAP_BYTES: usize = 64 * 1024;

fn open(dir: &Path) -> Index {
    Index::open(dir, &IndexOptions::new(STORE)).unwrap()
}

/// The place of the record at a position; frames start one unit before their first record.
fn place(position: u64) -> Place {
    let units = position * 10;
    Place {
        segment: u32::try_from(1 + units / 100_000).unwrap(),
        unit: u32::try_from(units % 100_000).unwrap(),
    }
}

/// The frame whose first event has this position.
fn frame(position: u64) -> Place {
    let Place { segment, unit } = place(position);
    Place {
        segment,
        unit: unit.saturating_sub(1),
    }
}

/// Adds one commit of events (category, key, version) at this position.
fn add(index: &Index, first: u64, events: &[(u32, KeyRef<'_>, u64)]) {
    let mut runs = Vec::<TailRun>::new();
    for &(category, key, version) in events {
        let stream = StreamName::new(category, key).unwrap();
        let goes_on = |run: &&mut TailRun| {
            let next = run.first_version.get() + u64::from(run.events);
            (&run.stream, next) == (&stream, version)
        };
        match runs.last_mut().filter(goes_on) {
            Some(run) => run.events += 1,
            None => runs.push(TailRun {
                stream,
                first_version: Version::new(version),
                events: 1,
            }),
        }
    }
    let behind = first + events.len() as u64;
    let places: Vec<Place> = (first..behind).map(place).collect();
    let commit = TailCommit {
        place: frame(first),
        end: frame(behind),
        first: Position::new(first),
        runs: runs.into_iter(),
        places: &places,
    };
    index.add([commit]);
}

fn entry(version: u64, position: u64) -> Entry {
    Entry {
        version: Version::new(version),
        position: Position::new(position),
        place: place(position),
    }
}

fn stream(index: &Index, category: u32, key: KeyRef<'_>) -> Vec<Entry> {
    let mut out = Vec::new();
    let all = VersionRange::ALL;
    index
        .stream_places(category, key, all, Order::Forwards, usize::MAX, &mut out)
        .unwrap();
    out
}

#[test]
fn a_reopened_index_knows_what_was_folded_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let key = KeyRef::Number(42);
    let index = open(dir.path());
    add(&index, 1, &[(1, key, 1), (1, key, 2)]);
    add(&index, 3, &[(1, key, 3)]);
    assert_eq!(index.fold(2).unwrap(), 2);
    assert_eq!(index.tail_events(), 1);
    assert_eq!(index.version(1, key).unwrap(), 3);
    drop(index);

    let index = open(dir.path());
    let folded = index.folded().unwrap();
    assert_eq!((folded.position.get(), folded.place), (2, Some(frame(3))));
    assert_eq!(index.version(1, key).unwrap(), 2);
    assert_eq!(stream(&index, 1, key), [entry(1, 1), entry(2, 2)]);
}

#[test]
fn a_fold_takes_whole_commits_and_says_when_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    assert_eq!(index.fold(10).unwrap(), 0);
    let key = KeyRef::Number(1);
    add(&index, 1, &[(1, key, 1), (1, key, 2), (1, key, 3)]);
    add(&index, 4, &[(1, key, 4)]);
    add(&index, 5, &[(1, key, 5)]);
    assert_eq!(index.fold(1).unwrap(), 3, "one commit at least, and whole");
    assert_eq!(index.fold(9).unwrap(), 2);
    assert_eq!(index.fold(9).unwrap(), 0);
}

/// LMDB may fail when all is on the disk: then the tail still has what the tables have.
#[test]
fn a_fold_that_was_said_to_have_failed_is_not_done_twice() {
    const COMMITS: u64 = 9;
    let (a, b) = (KeyRef::Number(1), KeyRef::Text("b"));
    let commits = |index: &Index, from: u64| {
        for n in from..COMMITS {
            let events = [
                (1, a, 2 * n + 1),
                (1, b, n + 1),
                (2, a, n + 1),
                (1, a, 2 * n + 2),
            ];
            add(index, 4 * n + 1, &events);
        }
    };
    for (dropped, told) in [(0, 4), (2, 4), (2, COMMITS), (0, COMMITS)] {
        let dir = tempfile::tempdir().unwrap();
        let index = open(dir.path());
        commits(&index, 0);
        let through = |commits| Position::new(4 * commits);
        index.fold_through(usize::MAX, through(told)).unwrap();
        *index.tail_mut() = super::Tail::new(0);
        commits(&index, dropped);
        index.fold(usize::MAX).unwrap();
        assert_eq!(index.tail_events(), 0);
        assert_eq!(index.folded().unwrap().position, 4 * COMMITS);
        let of_a = (0..COMMITS).flat_map(|n| [4 * n + 1, 4 * n + 4]);
        let expected: Vec<Entry> = (1..).zip(of_a).map(|(v, p)| entry(v, p)).collect();
        assert_eq!(stream(&index, 1, a), expected);
        let of_b = (0..COMMITS).map(|n| entry(n + 1, 4 * n + 2));
        assert_eq!(stream(&index, 1, b), of_b.collect::<Vec<_>>());
    }
}

#[test]
fn a_key_that_begins_another_key_has_rows_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let keys = ["a", "ab", "abc", "b", "a ", "\u{e9}"].map(KeyRef::Text);
    let mut position = 1;
    for round in 0..200 {
        for (n, key) in keys.iter().enumerate() {
            if round % (n + 1) == 0 {
                add(&index, position, &[(1, *key, (round / (n + 1)) as u64 + 1)]);
                position += 1;
            }
        }
    }
    while index.fold(100).unwrap() > 0 {}
    for (n, key) in keys.iter().enumerate() {
        let versions = stream(&index, 1, *key)
            .into_iter()
            .map(|entry| entry.version.get());
        assert!(versions.eq(1..=(199 / (n + 1)) as u64 + 1), "{key}");
    }
    assert_eq!(index.version(1, KeyRef::Text("abcd")).unwrap(), 0);
    assert_eq!(index.version(2, keys[0]).unwrap(), 0);
}

#[test]
fn definitions_survive_and_are_told_once() {
    use crate::definition::Definition;
    use crate::stream::KeyKind;

    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let category = Definition::Category {
        id: 1,
        name: "account".to_owned(),
        keys: KeyKind::Number,
    };
    let kind = Definition::Type {
        id: 1,
        name: "opened".to_owned(),
    };
    index.add_definitions(Position::new(1), &[kind.clone(), category.clone()]);
    add(&index, 1, &[(1, KeyRef::Number(1), 1)]);
    assert_eq!(
        index.definitions().unwrap(),
        [category.clone(), kind.clone()]
    );
    index.fold(1).unwrap();
    drop(index);

    let index = open(dir.path());
    index.add_definitions(Position::new(2), std::slice::from_ref(&category));
    assert_eq!(index.definitions().unwrap(), [category, kind]);
}

#[test]
fn a_frame_near_a_position_is_one_look_away() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let key = KeyRef::Number(1);
    assert_eq!(index.frame_before(Position::new(1)).unwrap(), None);
    for position in 1..=1000 {
        add(&index, position, &[(1, key, position)]);
    }
    let exact = index.frame_before(Position::new(500)).unwrap();
    assert_eq!(exact, Some(frame(500)), "the tail knows every frame");
    while index.fold(300).unwrap() > 0 {}
    for position in 1..=1000 {
        let found = index
            .frame_before(Position::new(position))
            .unwrap()
            .unwrap();
        assert!(found <= frame(position) && found >= frame(position.saturating_sub(63)));
    }
}

#[test]
fn a_batch_costs_less_than_four_bytes_an_event() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let empty = index.bytes_on_disk().unwrap();
    let mut position = 1;
    for batch in 0..100_u64 {
        let key = KeyRef::Number(batch % 10);
        let version = |n| (batch / 10) * 1000 + n;
        let events: Vec<_> = (1..=1000).map(|n| (1, key, version(n))).collect();
        add(&index, position, &events);
        position += 1000;
    }
    index.fold(usize::MAX).unwrap();
    let used = index.bytes_on_disk().unwrap() - empty;
    assert!(used < 4 * 100_000, "{used} bytes for 100,000 events");
}

#[test]
fn an_index_is_open_once_in_a_process() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let again = Index::open(dir.path(), &IndexOptions::new(STORE)).unwrap_err();
    assert!(matches!(again, super::IndexError::AlreadyOpen), "{again}");
    assert!(!again.asks_for_rebuild());
    drop(index);
    open(dir.path());
}
