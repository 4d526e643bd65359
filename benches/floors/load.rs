//! A stream of a thousand events, interleaved with all others, beside copying its payloads out of
//! a mapped file through an index kept in memory.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use memmap2::Mmap;
use varvedb::blocking::{self, Repository};
use varvedb::{Aggregate, RecordedEvent, Store};

use crate::Plan;
use crate::interleaved::{self, LENGTH};
use crate::random::Random;
use crate::round::{head, in_turn, less_is_better};
use crate::summed::{Long, LongEvent, Short, ShortEvent, Summed};

/// Loads in one round.
const LOADS: u64 = 100;

pub fn measure(plan: &Plan) {
    head(
        "Load a stream of 1,000 events, interleaved (reads only; warm; checksums verified)",
        "us/load",
    );
    let streams = plan.events / LENGTH;
    for bytes in plan.sizes {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let path = folder.path().join("load.varve");
        declare(&path, *bytes);
        let store = interleaved::open(&path, streams, *bytes);
        let floor = Places::new(&plan.dir, streams, *bytes);
        let figures = in_turn(
            plan.rounds,
            || time(streams, |stream| load(&store, stream)),
            || time(streams, |stream| floor.load(stream)),
        );
        less_is_better(&format!("{bytes} B, {streams} streams, bytes"), figures);
        let tenth = streams / 10;
        let repo = Repository::new(&store);
        let figures = in_turn(
            plan.rounds,
            || time(tenth, |stream| aggregate(&repo, *bytes, 10 * stream)),
            || time(tenth, |stream| floor.load(10 * stream)),
        );
        less_is_better(
            &format!("{bytes} B, {streams} streams, an aggregate"),
            figures,
        );
    }
}

/// Says what the bytes are, so that they can be loaded as aggregates.
pub fn declare(path: &Path, bytes: usize) {
    let store = blocking::Store::open(path).unwrap();
    match bytes {
        64 => store.register::<ShortEvent>().unwrap(),
        _ => store.register::<LongEvent>().unwrap(),
    }
}

/// Loads the aggregate whose events have so many bytes.
pub fn aggregate(repo: &Repository, bytes: usize, id: u64) -> u64 {
    match bytes {
        64 => replay::<Short>(repo, id),
        _ => replay::<Long>(repo, id),
    }
}

/// Loads an aggregate and gives what depends on every event of it.
fn replay<A: Aggregate<Id = u64> + Summed>(repo: &Repository, id: u64) -> u64 {
    let sum = repo.load::<A>(id).unwrap().state().sum();
    assert_eq!(sum, 7 * LENGTH);
    sum
}

/// Loads a stream and gives what depends on every event of it.
pub fn load(store: &Store, stream: u64) -> u64 {
    let stream = interleaved::stream(stream);
    let mut sum = 0;
    let visitor = |event: &RecordedEvent<'_>| {
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    store.read_stream(&stream).visit(visitor).unwrap();
    assert_eq!(sum, 7 * LENGTH);
    sum
}

/// The floor: payloads in a mapped file, in the order of the store's, and where each stream's lie.
struct Places {
    bytes: Mmap,
    of_stream: Vec<Vec<usize>>,
    length: usize,
}

impl Places {
    fn new(dir: &Path, streams: u64, length: usize) -> Self {
        let mut of_stream = vec![Vec::new(); usize::try_from(streams).unwrap()];
        let bytes = interleaved::payloads(dir, streams, length, |stream, at| {
            of_stream[usize::try_from(stream).unwrap()].push(at);
        });
        Self {
            bytes,
            of_stream,
            length,
        }
    }

    fn load(&self, stream: u64) -> u64 {
        let places = &self.of_stream[usize::try_from(stream).unwrap()];
        let mut copy = Vec::with_capacity(self.length * places.len());
        for at in places {
            copy.extend_from_slice(&self.bytes[*at..at + self.length]);
        }
        let first_bytes = copy.iter().step_by(self.length);
        first_bytes.map(|byte| u64::from(*byte)).sum()
    }
}

fn time(streams: u64, load: impl Fn(u64) -> u64) -> f64 {
    let mut random = Random::new(streams);
    let begun = Instant::now();
    for _ in 0..LOADS {
        black_box(load(random.below(streams)));
    }
    begun.elapsed().as_secs_f64() * 1e6 / LOADS as f64
}
