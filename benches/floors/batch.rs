//! Durable appends of a thousand events at a time, by one caller.
//!
//! The floors name the same streams and make the same payloads, one by one, before they write
//! them: an application has to, whoever writes. One writes to blocks that were written before; the other to new ones, as
//! a log has to that goes on for long.

use std::time::Instant;

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, NewCommit, NewEvent, StreamId, TypeName};

use crate::Plan;
use crate::memory::warm;
use crate::process::wait_until_folded;
use crate::random::Random;
use crate::raw::{GrowingFile, RawFile};
use crate::round::{batches_head, batches_row, median};

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
    batches_head(
        "Durable batches of 1,000 events (one caller, each batch answered after `fdatasync`)",
    );
    for bytes in plan.sizes {
        for (streams, work) in [(1, "one stream"), (1_000, "1,000 streams interleaved")] {
            let rates = compare(plan, *bytes, streams);
            batches_row(&format!("{bytes} B, {work}"), rates);
        }
    }
}

/// The rates of ours, and of the two floors.
fn compare(plan: &Plan, bytes: usize, streams: u64) -> [f64; 3] {
    let folder = tempfile::tempdir_in(&plan.dir).unwrap();
    let store = Store::open(folder.path().join("batch.varve")).unwrap();
    let type_name = TypeName::new("bench.done").unwrap();
    let mut raw = RawFile::new(&plan.dir);
    let mut buffer = Vec::new();
    let mut chosen = [(); 3].map(|()| Streams::new(streams));
    let mut rates = [const { Vec::new() }; 3];
    for _ in 0..plan.rounds {
        let [ours, floor, growing_floor] = &mut chosen;
        rates[0].push(rate(plan, || append(&store, &type_name, ours, bytes)));
        wait_until_folded();
        rates[1].push(rate(plan, || {
            make(&mut buffer, floor, bytes);
            raw.write(&buffer);
        }));
        let mut growing = GrowingFile::new(&plan.dir);
        rates[2].push(rate(plan, || {
            make(&mut buffer, growing_floor, bytes);
            growing.write(&buffer);
        }));
    }
    rates.map(median)
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

/// The payloads of a batch, as a floor writes them.
fn make(buffer: &mut Vec<u8>, streams: &mut Streams, bytes: usize) {
    let each = streams.events_of_each();
    buffer.clear();
    for stream in streams.shuffled() {
        let _stream = std::hint::black_box(stream.clone());
        let payloads = (0..each).map(|_| vec![7; bytes]);
        payloads.for_each(|payload| buffer.extend_from_slice(&std::hint::black_box(payload)));
    }
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
