//! A store whose streams are interleaved: every commit holds one event of each stream, in an order
//! that is not the order of any other commit. A fixed one would let the CPU guess what comes next.

use std::io::Write;
use std::path::Path;

use memmap2::Mmap;
use varvedb::blocking;
use varvedb::{ExpectedVersion, NewCommit, NewEvent, Store, StreamId, TypeName};

use crate::mapped::map;
use crate::random::Random;

/// Events of each stream, and commits of the store.
pub const LENGTH: u64 = 1_000;

/// The category of every tenth stream; the others are of another.
pub const TENTH: &str = "tenth";

/// The orders of the streams in the commits.
struct Orders {
    streams: Vec<u64>,
    random: Random,
}

impl Orders {
    fn new(streams: u64) -> Self {
        Self {
            streams: (0..streams).collect(),
            random: Random::new(streams),
        }
    }

    /// The order in the next commit.
    fn next(&mut self) -> &[u64] {
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

/// What floors read: the payloads in a mapped file, in the order in which they lie in the store; `lies`
/// hears of each of which stream it is, and where.
pub fn payloads(dir: &Path, streams: u64, bytes: usize, mut lies: impl FnMut(u64, usize)) -> Mmap {
    let mut file = tempfile::tempfile_in(dir).unwrap();
    let mut orders = Orders::new(streams);
    let mut end = 0;
    for _ in 0..LENGTH {
        let order = orders.next();
        file.write_all(&vec![7; order.len() * bytes]).unwrap();
        for stream in order {
            lies(*stream, end);
            end += bytes;
        }
    }
    map(&file)
}

pub fn stream(number: u64) -> StreamId {
    let category = if number.is_multiple_of(10) {
        TENTH
    } else {
        "bench"
    };
    StreamId::new(category, number).unwrap()
}
