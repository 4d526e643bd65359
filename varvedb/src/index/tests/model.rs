//! The index answers as plain maps would, whatever was added, folded and reopened before.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Entry, Index, Order, Point, VersionRange, add, entry, frame, open};
use crate::position::{Position, Version};
use crate::stream::Key;

#[derive(Clone, Debug)]
enum Step {
    /// One commit: runs of events (category, key, length).
    Commit(Vec<(u32, Key, usize)>),
    Fold(usize),
    Reopen,
    Look {
        category: u32,
        key: Key,
        after: u64,
        width: Option<u64>,
        limit: usize,
    },
}

#[derive(Default)]
struct Model {
    commits: Vec<Vec<(u32, Key, u64)>>,
    streams: BTreeMap<(u32, Key), Vec<Entry>>,
    head: u64,
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        (0..3_u64).prop_map(|n| Key::Number(n * (u64::MAX / 2))),
        prop_oneof![
            Just("a"),
            Just("aa"),
            Just("a a"),
            Just("\u{10ffff}"),
            Just("ab")
        ]
        .prop_map(|text| Key::Text(text.into())),
        (0..2_u128).prop_map(|n| Key::Uuid(uuid::Uuid::from_u128(n))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let run = (
        1..3_u32,
        key(),
        prop_oneof![4 => 1..4_usize, 1 => 50..150_usize],
    );
    let look = (
        1..4_u32,
        key(),
        0..200_u64,
        proptest::option::of(0..150_u64),
        0..200_usize,
    );
    prop_oneof![
        6 => vec(run, 1..4).prop_map(Step::Commit),
        2 => (0..300_usize).prop_map(Step::Fold),
        1 => Just(Step::Reopen),
        6 => look.prop_map(|(category, key, after, width, limit)| Step::Look {
            category, key, after, width, limit,
        }),
    ]
}

impl Model {
    fn commit(&mut self, index: &Index, runs: Vec<(u32, Key, usize)>) {
        let mut events = Vec::new();
        for (category, key, length) in runs {
            for _ in 0..length {
                self.head += 1;
                let stream = self.streams.entry((category, key.clone())).or_default();
                let version = stream.len() as u64 + 1;
                stream.push(entry(version, self.head));
                events.push((category, key.clone(), version));
            }
        }
        add_owned(index, self.head + 1 - events.len() as u64, &events);
        self.commits.push(events);
    }

    /// Adds again what the tables do not have, as a store does that opens.
    fn recover(&self, index: &Index) {
        let folded = index.folded().unwrap().position.get();
        let mut first = 1;
        for events in &self.commits {
            if first > folded {
                add_owned(index, first, events);
            }
            first += events.len() as u64;
        }
    }

    fn stream(&self, category: u32, key: &Key) -> Vec<Entry> {
        self.streams
            .get(&(category, key.clone()))
            .cloned()
            .unwrap_or_default()
    }

    fn category(&self, category: u32) -> Vec<Point> {
        let streams = self.streams.iter().filter(|((of, _), _)| *of == category);
        let entries = streams.flat_map(|(_, entries)| entries);
        let point = |entry: &Entry| Point {
            position: entry.position,
            place: entry.place,
        };
        let mut points: Vec<Point> = entries.map(point).collect();
        points.sort_by_key(|point| point.position);
        points
    }
}

fn add_owned(index: &Index, first: u64, events: &[(u32, Key, u64)]) {
    let events: Vec<_> = events
        .iter()
        .map(|(c, k, v)| (*c, k.as_ref(), *v))
        .collect();
    add(index, first, &events);
}

fn in_order<T>(mut items: Vec<T>, order: Order, limit: usize) -> Vec<T> {
    if order == Order::Backwards {
        items.reverse();
    }
    items.truncate(limit);
    items
}

fn look(
    index: &Index,
    model: &Model,
    (category, key): (u32, &Key),
    (after, before): (u64, Option<u64>),
    limit: usize,
) -> Result<(), TestCaseError> {
    let within = |n: u64| n > after && before.is_none_or(|before| n < before);
    let version = index.version(category, key.as_ref()).unwrap();
    prop_assert_eq!(version, model.stream(category, key).len() as u64);
    for order in [Order::Forwards, Order::Backwards] {
        let range = VersionRange {
            after: Version::new(after),
            before: before.map(Version::new),
        };
        let mut found = vec![entry(9, 9)];
        index
            .stream_places(category, key.as_ref(), range, order, limit, &mut found)
            .unwrap();
        let expected = model
            .stream(category, key)
            .into_iter()
            .filter(|e| within(e.version.get()));
        prop_assert_eq!(found.remove(0), entry(9, 9), "what was there stays");
        prop_assert_eq!(found, in_order(expected.collect(), order, limit));

        let (low, high) = (Position::new(after), before.map(Position::new));
        let mut found = Vec::new();
        index
            .category_places(category, low, high, order, limit, &mut found)
            .unwrap();
        let expected = model
            .category(category)
            .into_iter()
            .filter(|p| within(p.position.get()));
        prop_assert_eq!(found, in_order(expected.collect(), order, limit));
    }
    let streams = index.streams(category, Some(key), limit).unwrap();
    let expected = model
        .streams
        .iter()
        .filter(|((c, k), _)| *c == category && k > key);
    let expected =
        expected.map(|((_, k), entries)| (k.clone(), Version::new(entries.len() as u64)));
    prop_assert_eq!(streams, expected.take(limit).collect::<Vec<_>>());
    let mark = index.frame_before(Position::new(after)).unwrap();
    prop_assert_eq!(mark.is_some(), after > 0 && model.head > 0);
    prop_assert!(mark.is_none_or(|mark| mark <= frame(after)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_answers_as_plain_maps_would(steps in vec(step(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut index = open(dir.path());
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Commit(runs) => model.commit(&index, runs),
                Step::Fold(max_events) => {
                    index.fold(max_events).unwrap();
                }
                Step::Reopen => {
                    drop(index);
                    index = open(dir.path());
                    model.recover(&index);
                }
                Step::Look { category, key, after, width, limit } => {
                    let before = width.map(|width| after + width);
                    look(&index, &model, (category, &key), (after, before), limit)?;
                }
            }
        }
        for (category, key) in model.streams.keys() {
            look(&index, &model, (*category, key), (0, None), usize::MAX)?;
        }
    }
}
