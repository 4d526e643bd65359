//! The store against a plain model of it: whatever is done, both give the same answers, across
//! reopening and without the index.

use std::collections::BTreeMap;

use proptest::prelude::*;
use varvedb::blocking::Store;
use varvedb::{AppendError, Category, ExpectedVersion, NewCommit, StreamId, Version};

use crate::kit::{Place, lent};

/// Something that is done to a store.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(u8, Expect, u8)>),
    Reopen,
    RemoveIndex,
}

/// An expectation, relative to what the model knows.
#[derive(Clone, Copy, Debug)]
enum Expect {
    Any,
    NoStream,
    StreamExists,
    Right,
    Off(u8),
}

/// All that a store is.
#[derive(Default)]
struct Model {
    log: Vec<(StreamId, u64, Vec<u8>)>,
    versions: BTreeMap<StreamId, u64>,
}

fn stream(number: u8) -> StreamId {
    let key = u64::from(number / 2);
    if number.is_multiple_of(2) {
        StreamId::new("even", key).unwrap()
    } else {
        StreamId::text("odd", format!("k{key}")).unwrap()
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let expect = prop_oneof![
        3 => Just(Expect::Any),
        1 => Just(Expect::NoStream),
        1 => Just(Expect::StreamExists),
        3 => Just(Expect::Right),
        1 => (1..3_u8).prop_map(Expect::Off),
    ];
    let part = (0..6_u8, expect, 1..4_u8);
    let step = prop_oneof![
        12 => prop::collection::vec(part, 1..3).prop_map(Step::Append),
        1 => Just(Step::Reopen),
        1 => Just(Step::RemoveIndex),
    ];
    prop::collection::vec(step, 1..40)
}

impl Model {
    fn version(&self, stream: &StreamId) -> u64 {
        self.versions.get(stream).copied().unwrap_or(0)
    }

    /// Does to the model what the store should do; says whether the commit is accepted.
    fn append(&mut self, parts: &[(StreamId, ExpectedVersion, Vec<Vec<u8>>)]) -> bool {
        let (log, versions) = (self.log.len(), self.versions.clone());
        for (stream, expected, payloads) in parts {
            let actual = self.version(stream);
            let accepted = match expected {
                ExpectedVersion::Any => true,
                ExpectedVersion::NoStream => actual == 0,
                ExpectedVersion::StreamExists => actual > 0,
                ExpectedVersion::Exact(version) => version.get() == actual,
            };
            if !accepted {
                self.log.truncate(log);
                self.versions = versions;
                return false;
            }
            for payload in payloads {
                let version = self.versions.entry(stream.clone()).or_default();
                *version += 1;
                self.log.push((stream.clone(), *version, payload.clone()));
            }
        }
        true
    }

    fn check(&self, store: &Store) {
        let read = |events: Vec<varvedb::RecordedEventBuf>| -> Vec<_> {
            events
                .into_iter()
                .map(|e| (e.stream, e.version.get(), e.payload))
                .collect()
        };
        assert_eq!(store.head(), self.log.len() as u64);
        assert_eq!(read(store.read_log().to_vec().unwrap()), self.log);
        let mut reversed = self.log.clone();
        reversed.reverse();
        assert_eq!(
            read(store.read_log().backwards().to_vec().unwrap()),
            reversed
        );
        for number in 0..6 {
            let stream = stream(number);
            let own: Vec<_> = self
                .log
                .iter()
                .filter(|(id, ..)| *id == stream)
                .cloned()
                .collect();
            assert_eq!(read(store.read_stream(&stream).to_vec().unwrap()), own);
            assert_eq!(store.version(&stream).unwrap(), self.version(&stream));
            let middle = self.version(&stream) / 2;
            let later = store
                .read_stream(&stream)
                .after(middle)
                .backwards()
                .to_vec()
                .unwrap();
            let expected: Vec<_> = own.iter().skip(middle as usize).rev().cloned().collect();
            assert_eq!(read(later), expected);
        }
        for name in ["even", "odd"] {
            let category = Category::new(name).unwrap();
            let own = self
                .log
                .iter()
                .filter(|(id, ..)| *id.category() == category);
            let events = store.read_category(&category).to_vec().unwrap();
            assert_eq!(read(events), own.cloned().collect::<Vec<_>>());
        }
    }
}

fn expected(expect: Expect, actual: u64) -> ExpectedVersion {
    match expect {
        Expect::Any => ExpectedVersion::Any,
        Expect::NoStream => ExpectedVersion::NoStream,
        Expect::StreamExists => ExpectedVersion::StreamExists,
        Expect::Right => ExpectedVersion::Exact(Version::new(actual)),
        Expect::Off(by) => ExpectedVersion::Exact(Version::new(actual + u64::from(by))),
    }
}

fn append(store: &Store, model: &mut Model, parts: &[(u8, Expect, u8)]) {
    let mut commit = NewCommit::new();
    let mut modelled = Vec::new();
    for (number, expect, count) in parts {
        let stream = stream(*number);
        let payload = |n: u8| format!("{}/{number}/{n}", model.log.len()).into_bytes();
        let payloads: Vec<Vec<u8>> = (0..*count).map(payload).collect();
        let expected = expected(*expect, model.version(&stream));
        let events = payloads.iter().map(|p| lent(str::from_utf8(p).unwrap()));
        commit = commit.append(stream.clone(), expected, events);
        modelled.push((stream, expected, payloads));
    }
    let accepted = model.append(&modelled);
    match store.commit(commit) {
        Ok(appended) => {
            assert!(accepted);
            assert_eq!(appended.last_position, model.log.len() as u64);
        }
        Err(AppendError::Conflict(_)) => assert!(!accepted),
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_store_and_its_model_give_the_same_answers(steps in steps()) {
        let place = Place::new();
        let options = || varvedb::Store::options().segment_bytes(64 << 10);
        let mut store = Some(place.open_with(options()));
        let mut model = Model::default();
        for step in &steps {
            match step {
                Step::Append(parts) => append(store.as_ref().unwrap(), &mut model, parts),
                Step::Reopen | Step::RemoveIndex => {
                    drop(store.take());
                    if matches!(step, Step::RemoveIndex) {
                        std::fs::remove_dir_all(place.path().join("index")).unwrap();
                    }
                    store = Some(place.open_with(options()));
                }
            }
        }
        model.check(store.as_ref().unwrap());
        drop(store.take());
        model.check(&place.open_with(options()));
    }
}
