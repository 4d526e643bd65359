//! VarveDB of this repository as applications use it: events, aggregates and projections by derive.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use varvedb::prelude::*;
use varvedb::{Event, NewCommit, NewEvent, StreamId, TypeName};

use super::ours::expected;
use crate::peer::{Peer, Tally, amount};

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BenchId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "bench")]
enum BenchEvent {
    Begun {
        #[stream_id]
        id: BenchId,
        body: String,
    },
    Done {
        #[stream_id]
        id: BenchId,
        body: String,
    },
}

/// The aggregate: a sum.
struct Bench(Tally);

#[aggregate(id = BenchId, event = BenchEvent, error = Infallible)]
impl Bench {
    #[apply]
    fn begun(e: BenchBegun<'_>) -> Self {
        let mut bench = Bench(Tally::default());
        bench.0.add(e.body.as_bytes());
        bench
    }
    #[apply]
    fn done(&mut self, e: BenchDone<'_>) {
        self.0.add(e.body.as_bytes());
    }
}

/// The projection: a sum for each stream, in memory.
#[derive(Default)]
struct Sums(BTreeMap<BenchId, u64>);

#[projection(name = "sums")]
impl Sums {
    #[on]
    fn begun(&mut self, e: BenchBegun<'_>) {
        *self.0.entry(e.id).or_default() += amount(e.body.as_bytes());
    }
    #[on]
    fn done(&mut self, e: BenchDone<'_>) {
        *self.0.entry(e.id).or_default() += amount(e.body.as_bytes());
    }
}

#[derive(Clone)]
pub struct OursTyped(Store, Repository);

impl Peer for OursTyped {
    async fn open(folder: &Path) -> Self {
        let store = Store::open(folder.join("typed.varve")).unwrap();
        store.register::<BenchEvent>().await.unwrap();
        let repository = Repository::new(&store);
        Self(store, repository)
    }

    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        let events = (version..).zip(payloads);
        let events = events.map(|(version, body)| event(stream, version, body));
        let (stream, expected) = (id(stream), expected(version));
        let _ = self.0.append(&stream, expected, events).await.unwrap();
    }

    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        let mut commit = NewCommit::new();
        for (stream, body) in (0..).zip(payloads) {
            commit = commit.append(
                id(stream),
                expected(version),
                [event(stream, version, body)],
            );
        }
        let _ = self.0.commit(commit).await.unwrap();
    }

    /// The log has no types: see `ours`.
    async fn read_log(&self) -> Option<Tally> {
        None
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let root = self.1.load::<Bench>(BenchId(stream)).await.unwrap();
        Some(root.state().0)
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        let mut processor = Processor::new(&self.0);
        let sums = processor.register(Sums::default()).unwrap();
        processor.catch_up().await.unwrap();
        Some(Tally::of_streams(sums.read().0.values().copied()))
    }
}

fn id(stream: u64) -> StreamId {
    StreamId::new("bench", stream).unwrap()
}

fn event(stream: u64, version: u64, body: String) -> NewEvent {
    let id = BenchId(stream);
    let event = match version {
        0 => BenchEvent::Begun { id, body },
        _ => BenchEvent::Done { id, body },
    };
    let name = BenchEvent::schemas()[event.schema_index()].name;
    let mut payload = Vec::new();
    event.encode(&mut payload).unwrap();
    NewEvent::new(TypeName::new(name).unwrap(), payload)
}
