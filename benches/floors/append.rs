//! Durable appends of one event, by callers that each wait for the answer before the next.
//!
//! The store knows a million streams already. In long rounds it folds while it is measured; what is
//! left then, and after short ones, is folded before the next contender begins. Ours and the floor
//! do the same around the write itself: choose and name a stream, make a payload, look at the
//! clock once.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use varvedb::{
    ExpectedVersion, NewCommit, NewEvent, Store, StoreOptions, StreamId, TypeName, blocking,
};

use crate::Plan;
use crate::group::RawGroup;
use crate::latency::Latencies;
use crate::memory::warm;
use crate::process::wait_until_folded;
use crate::random::Random;
use crate::round::{appends_head, appends_row, median};

/// From so many on, callers keep both cores busy, and write hundreds of megabytes.
const MANY: u64 = 64;

/// How many times longer than a short round a long one is.
const LONG: u32 = 12;

/// Mebibytes of memory that are touched before many callers begin.
const WARM: usize = 512;

/// Streams that the store has before anything is measured.
pub const KNOWN: u64 = 1_000_000;

/// Which stream an append goes to.
#[derive(Clone, Copy)]
pub enum Streams {
    OnePerCaller,
    Random(u64),
}

impl Streams {
    const ALL: [(Self, &'static str); 3] = [
        (Self::OnePerCaller, "a stream each"),
        (Self::Random(10_000), "10k streams"),
        (Self::Random(KNOWN), "1M streams"),
    ];

    fn choose(self, caller: u64, random: &mut Random) -> StreamId {
        let key = match self {
            Self::OnePerCaller => caller,
            Self::Random(streams) => random.below(streams),
        };
        StreamId::new("bench", key).unwrap()
    }
}

/// Who writes durably: the store, or the floor.
#[derive(Clone)]
pub enum Writer {
    Ours(Store, TypeName),
    Floor(RawGroup),
}

impl Writer {
    async fn write(&self, stream: &StreamId, payload: Vec<u8>) {
        match self {
            Self::Ours(store, type_name) => {
                let event = NewEvent::new(type_name.clone(), payload);
                let _ = store
                    .append(stream, ExpectedVersion::Any, [event])
                    .await
                    .unwrap();
            }
            Self::Floor(raw) => raw.write(payload).await,
        }
    }

    /// Waits until nothing goes on behind the appends that were answered.
    pub fn settle(&self) {
        if matches!(self, Self::Ours(..)) {
            wait_until_folded();
        }
    }
}

/// What the rounds of one writer came to.
pub struct Contender {
    pub writer: Writer,
    streams: Streams,
    pub rates: Vec<f64>,
    pub waits: Latencies,
}

impl Contender {
    pub fn new(writer: Writer, streams: Streams) -> Self {
        Self {
            writer,
            streams,
            rates: Vec::new(),
            waits: Latencies::default(),
        }
    }
}

/// Callers who append for a while.
#[derive(Clone, Copy)]
pub struct Crowd {
    pub callers: u64,
    pub bytes: usize,
    pub span: Duration,
}

pub fn measure(plan: &Plan) {
    appends_head("Durable appends of one event (each answered after `fdatasync`)");
    let runtime = two_workers();
    for bytes in plan.sizes {
        for callers in [1, 8, 64, 512] {
            let crowd = Crowd {
                callers,
                bytes: *bytes,
                span: span(plan, callers),
            };
            compare(plan, &runtime, crowd, &Streams::ALL);
        }
    }
}

/// Rounds that are so long that the folder has to do its part meanwhile, again and again.
pub fn measure_long(plan: &Plan) {
    appends_head("Durable appends of one event, without a pause (each answered after `fdatasync`)");
    let runtime = two_workers();
    for bytes in plan.sizes {
        for callers in [64, 512] {
            let crowd = Crowd {
                callers,
                bytes: *bytes,
                span: LONG * plan.span,
            };
            compare(plan, &runtime, crowd, &Streams::ALL[2..]);
        }
    }
}

/// Many callers append longer: one round of theirs differs more from the next.
fn span(plan: &Plan, callers: u64) -> Duration {
    if callers < MANY {
        plan.span
    } else {
        3 * plan.span
    }
}

/// Tasks on two threads, as many as there are cores.
pub fn two_workers() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(2).build().unwrap()
}

/// Rounds of these kinds of streams and the floor in turn, begun by another each time, and a row
/// for each kind.
fn compare(plan: &Plan, runtime: &Runtime, crowd: Crowd, kinds: &[(Streams, &str)]) {
    let folder = tempfile::tempdir_in(&plan.dir).unwrap();
    let store = store_that_knows_streams(
        Store::options(),
        &folder.path().join("append.varve"),
        crowd.bytes,
    );
    let ours = Writer::Ours(store, TypeName::new("bench.done").unwrap());
    let floor = Writer::Floor(RawGroup::new(&plan.dir));
    let ours = |(streams, _): &(Streams, &str)| Contender::new(ours.clone(), *streams);
    let mut contenders: Vec<Contender> = kinds.iter().map(ours).collect();
    let mut floor = Contender::new(floor, Streams::Random(KNOWN));
    for round in 0..plan.rounds {
        let mut turn: Vec<&mut Contender> = contenders.iter_mut().collect();
        turn.push(&mut floor);
        let first = round % turn.len();
        turn.rotate_left(first);
        for contender in turn {
            crowd.append(runtime, round, contender);
            contender.writer.settle();
        }
    }
    let floor = (median(floor.rates), floor.waits.percentiles());
    for (contender, (_, streams)) in contenders.into_iter().zip(kinds) {
        let work = format!("{} B, {} callers, {streams}", crowd.bytes, crowd.callers);
        let ours = (median(contender.rates), contender.waits.percentiles());
        appends_row(&work, &ours, &floor);
    }
}

/// A store with an event in each of [`KNOWN`] streams.
pub fn store_that_knows_streams(options: StoreOptions, path: &Path, bytes: usize) -> Store {
    let store = options.open(path).unwrap();
    let writer = blocking::Store::new(&store);
    let type_name = TypeName::new("bench.done").unwrap();
    let mut keys: Vec<u64> = (0..KNOWN).collect();
    Random::new(0).shuffle(&mut keys);
    for keys in keys.chunks(1_000) {
        let commit = keys.iter().fold(NewCommit::new(), |commit, key| {
            let event = NewEvent::new(type_name.clone(), vec![7; bytes]);
            let stream = StreamId::new("bench", *key).unwrap();
            commit.append(stream, ExpectedVersion::Any, [event])
        });
        let _ = writer.commit(commit).unwrap();
    }
    wait_until_folded();
    store
}

impl Crowd {
    /// One round: how many times a second all callers together got a payload written.
    pub fn append(self, runtime: &Runtime, round: usize, contender: &mut Contender) {
        if self.callers >= MANY {
            warm(WARM);
        }
        runtime.block_on(async {
            let begun = Instant::now();
            let mut tasks = JoinSet::new();
            for caller in 0..self.callers {
                let random = Random::new(round as u64 * self.callers + caller);
                let (writer, streams) = (contender.writer.clone(), contender.streams);
                tasks
                    .spawn(async move { self.call(begun, caller, random, streams, &writer).await });
            }
            let mut appends = 0;
            while let Some(waits) = tasks.join_next().await {
                let waits = waits.unwrap();
                appends += waits.count();
                contender.waits.absorb(&waits);
            }
            contender
                .rates
                .push(appends as f64 / begun.elapsed().as_secs_f64());
        });
    }

    /// One caller, until the time is over.
    async fn call(
        self,
        begun: Instant,
        caller: u64,
        mut random: Random,
        streams: Streams,
        writer: &Writer,
    ) -> Latencies {
        let mut waits = Latencies::default();
        let mut now = Instant::now();
        while now - begun < self.span {
            let stream = streams.choose(caller, &mut random);
            writer.write(&stream, vec![7; self.bytes]).await;
            now = waits.lap(now);
        }
        waits
    }
}
