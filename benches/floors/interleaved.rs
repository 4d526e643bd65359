//! A store whose streams are interleaved: every commit holds one event of each stream, in an order
//! that is not the order of any other commit. A fixed one would let the CPU guess what comes next.

use std::path::Path;

use varvedb::blocking;
use varvedb::{ExpectedVersion, NewCommit, NewEvent, Store, StreamId, TypeName};

use crate::random::Random;

/// Events of each stream, and commits of the store.
pub const LENGTH: u64 = 1_000;

/// The category of every tenth stream; the others are of another.
pub const TENTH: &str = "tenth";

/// The orders of the streams in the commits, the same for ours and the floor.
pub struct Orders {
    streams: Vec<u64>,
    random: Random,
}

impl Orders {
    pub fn new(streams: u64) -> Self {
        Self {
            streams: (0..streams).collect(),
            random: Random::new(streams),
        }
    }

    /// The order in the next commit.
    pub fn next(&mut self) -> &[u64] {
        self.random.shuffle(&mut self.streams);
        &self.streams
    }
}

/// Makes the store and closes it, so that everything is in its index.
pub fn build(path: &Path, streams: u64, bytes: usize) {
    let store = blocking::Store::open(path).unwrap();
    let [begun, done] = ["tenth.begun", "tenth.done"].map(|name| TypeName::new(name).unwrap());
    let mut orders = Orders::new(streams);
    for commit in 0..LENGTH {
        let type_name = if commit == 0 { &begun } else { &done };
        let order = orders.next().iter();
        let commit = order.fold(NewCommit::new(), |commit, number| {
            let event = NewEvent::new(type_name.clone(), vec![7; bytes]);
            commit.append(stream(*number), ExpectedVersion::Any, [event])
        });
        let _ = store.commit(commit).unwrap();
    }
}

/// The store, made and opened again: nothing is in the tail of its index.
pub fn open(path: &Path, streams: u64, bytes: usize) -> Store {
    build(path, streams, bytes);
    Store::open(path).unwrap()
}

pub fn stream(number: u64) -> StreamId {
    let category = if number.is_multiple_of(10) {
        TENTH
    } else {
        "bench"
    };
    StreamId::new(category, number).unwrap()
}
