//! Durable appends of a thousand events at a time, by one caller.
//!
//! The floor names the same streams and makes the same payloads, one by one, before it writes
//! them: an application has to, whoever writes.

use std::time::Instant;

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, NewCommit, NewEvent, StreamId, TypeName};

use crate::Plan;
use crate::memory::warm;
use crate::process::wait_until_folded;
use crate::random::Random;
use crate::raw::RawFile;
use crate::round::{head, in_turn, more_is_better};

/// Events in a batch.
const EVENTS: usize = 1_000;

/// Mebibytes of memory that are touched before each round.
const WARM: usize = 1024;

/// Streams that a batch goes to, one event after the other.
struct Streams {
    all: Vec<StreamId>,
    random: Random,
}

impl Streams {
    fn new(count: u64) -> Self {
        let named = |key| StreamId::new("bench", key).unwrap();
        Self {
            all: (0..count).map(named).collect(),
            random: Random::new(count),
        }
    }

    /// The streams of the next batch, in an order of its own.
    fn shuffled(&mut self) -> &[StreamId] {
        self.random.shuffle(&mut self.all);
        &self.all
    }

    fn events_of_each(&self) -> usize {
        EVENTS / self.all.len()
    }
}

pub fn measure(plan: &Plan) {
    head(
        "Durable batches of 1,000 events (one caller, each batch answered after `fdatasync`)",
        "events/s",
    );
    for bytes in plan.sizes {
        for (streams, work) in [(1, "one stream"), (1_000, "1,000 streams interleaved")] {
            let figures = compare(plan, *bytes, streams);
            more_is_better(&format!("{bytes} B, {work}"), figures);
        }
    }
}

fn compare(plan: &Plan, bytes: usize, streams: u64) -> (f64, f64) {
    let folder = tempfile::tempdir_in(&plan.dir).unwrap();
    let store = Store::open(folder.path().join("batch.varve")).unwrap();
    let type_name = TypeName::new("bench.done").unwrap();
    let mut raw = RawFile::new(&plan.dir);
    let mut buffer = Vec::new();
    let (mut our_streams, mut floor_streams) = (Streams::new(streams), Streams::new(streams));
    in_turn(
        plan.rounds,
        || {
            let rate = rate(plan, || append(&store, &type_name, &mut our_streams, bytes));
            wait_until_folded();
            rate
        },
        || {
            rate(plan, || {
                write(&mut raw, &mut buffer, &mut floor_streams, bytes);
            })
        },
    )
}

fn append(store: &Store, type_name: &TypeName, streams: &mut Streams, bytes: usize) {
    let each = streams.events_of_each();
    let commit = streams
        .shuffled()
        .iter()
        .fold(NewCommit::new(), |commit, stream| {
            let event = |_| NewEvent::new(type_name.clone(), vec![7; bytes]);
            let events = (0..each).map(event);
            commit.append(stream.clone(), ExpectedVersion::Any, events)
        });
    let _ = store.commit(commit).unwrap();
}

fn write(raw: &mut RawFile, buffer: &mut Vec<u8>, streams: &mut Streams, bytes: usize) {
    let each = streams.events_of_each();
    buffer.clear();
    for stream in streams.shuffled() {
        let _stream = std::hint::black_box(stream.clone());
        let payloads = (0..each).map(|_| vec![7; bytes]);
        payloads.for_each(|payload| buffer.extend_from_slice(&std::hint::black_box(payload)));
    }
    raw.write(buffer);
}

fn rate(plan: &Plan, mut batch: impl FnMut()) -> f64 {
    warm(WARM);
    let begun = Instant::now();
    let mut events = 0;
    while begun.elapsed() < plan.span {
        batch();
        events += EVENTS;
    }
    events as f64 / begun.elapsed().as_secs_f64()
}
