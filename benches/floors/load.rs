//! A stream of a thousand events, interleaved with all others, beside copying its payloads out of
//! memory through an index of offsets.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use varvedb::blocking;
use varvedb::{ExpectedVersion, NewCommit, NewEvent, Store, StreamId, TypeName};

use crate::Plan;
use crate::round::{head, in_turn, less_is_better};

/// Events of each stream.
const LENGTH: u64 = 1_000;

/// Loads in one round.
const LOADS: u64 = 100;

pub fn measure(plan: &Plan) {
    head(
        "Load a stream of 1,000 events, interleaved (warm; checksums verified)",
        "us/load",
    );
    let streams = plan.events / LENGTH;
    for bytes in [64, 256] {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let store = interleaved(&folder.path().join("load.varve"), plan.events, bytes);
        let floor = Offsets::new(streams, bytes);
        let figures = in_turn(
            plan.rounds,
            || time(streams, |stream| load(&store, stream)),
            || time(streams, |stream| floor.load(stream)),
        );
        less_is_better(&format!("{bytes} B, {streams} streams"), figures);
    }
}

/// A store of `events` events in streams of a thousand, one event of each stream after the other.
pub fn interleaved(path: &Path, events: u64, bytes: usize) -> Store {
    let store = blocking::Store::new(&Store::open(path).unwrap());
    let streams = events / LENGTH;
    let type_name = TypeName::new("bench.done").unwrap();
    for first in (0..events).step_by(1000) {
        let mut commit = NewCommit::new();
        for number in first..(first + 1000).min(events) {
            let stream = StreamId::new("bench", number % streams).unwrap();
            let event = NewEvent::new(type_name.clone(), vec![7; bytes]);
            commit = commit.append(stream, ExpectedVersion::Any, [event]);
        }
        let _ = store.commit(commit).unwrap();
    }
    drop(store);
    // Reopened, so that everything is in the index and nothing in its tail.
    Store::open(path).unwrap()
}

fn load(store: &Store, stream: u64) -> u64 {
    let stream = StreamId::new("bench", stream).unwrap();
    let mut sum = 0;
    let visitor = |event: &varvedb::RecordedEvent<'_>| {
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    store.read_stream(&stream).visit(visitor).unwrap();
    sum
}

/// The floor: payloads in memory, interleaved alike, and the offsets of each stream's.
struct Offsets {
    bytes: Vec<u8>,
    streams: u64,
    length: usize,
}

impl Offsets {
    fn new(streams: u64, length: usize) -> Self {
        let bytes = vec![7; usize::try_from(streams * LENGTH).unwrap() * length];
        Self {
            bytes,
            streams,
            length,
        }
    }

    fn load(&self, stream: u64) -> u64 {
        let mut copy = Vec::with_capacity(self.length * usize::try_from(LENGTH).unwrap());
        for number in 0..LENGTH {
            let at = usize::try_from(number * self.streams + stream).unwrap() * self.length;
            copy.extend_from_slice(&self.bytes[at..at + self.length]);
        }
        copy.iter()
            .step_by(self.length)
            .map(|byte| u64::from(*byte))
            .sum()
    }
}

fn time(streams: u64, load: impl Fn(u64) -> u64) -> f64 {
    let begun = Instant::now();
    for number in 0..LOADS {
        black_box(load(number * 7919 % streams));
    }
    begun.elapsed().as_secs_f64() * 1e6 / LOADS as f64
}
