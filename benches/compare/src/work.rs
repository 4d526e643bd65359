//! The work itself, timed: the same for every store.

use std::hint::black_box;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::peer::{Peer, Tally, payload};
use crate::process::wait_until_folded;

/// Events of a batch, and of each stream that is loaded.
pub const EVENTS: u64 = 1_000;

/// Streams that are interleaved in the stores that are read.
pub const STREAMS: u64 = 100;

/// Streams loaded in one round.
const LOADS: u64 = 20;

/// One store at work.
pub trait Work {
    /// Appends of one event per second, by so many callers that each wait for the answer.
    fn append(&mut self, callers: u64, bytes: usize, span: Duration) -> f64;
    /// Events per second, appended a thousand at a time by one caller.
    fn append_batches(&mut self, bytes: usize, span: Duration) -> f64;
    /// Exactly so many appends of one event by so many callers, for those who count syncs.
    fn append_exactly(&mut self, callers: u64, appends: u64, bytes: usize);
    /// Waits until nothing goes on behind what was answered.
    fn settle(&self) {}
    /// Fills the store with the streams that are read below.
    fn fill(&mut self, bytes: usize);
    /// Microseconds per event of the whole log.
    fn read_log(&mut self) -> Option<f64>;
    /// Microseconds per load of a stream of a thousand events.
    fn load(&mut self) -> Option<f64>;
    /// Microseconds per event of a projection that sums up each stream.
    fn project(&mut self) -> Option<f64>;
}

/// A peer in this process.
pub struct Worker<P> {
    peer: P,
    runtime: Runtime,
    /// The next stream that nobody has appended to.
    next_stream: u64,
    run: u64,
    /// What handlers must have seen in the end.
    filled: Vec<Tally>,
}

impl<P: Peer> Worker<P> {
    pub fn open(folder: &Path) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            peer: runtime.block_on(P::open(folder)),
            runtime,
            next_stream: STREAMS,
            run: 0,
            filled: Vec::new(),
        }
    }

    /// Lets every caller append to a stream of its own until it has had enough; gives how many
    /// appends there were and how long they took.
    fn call(
        &mut self,
        callers: u64,
        bytes: usize,
        is_enough: impl Fn(u64, Instant) -> bool + Clone + Send + Sync + 'static,
    ) -> (u64, Duration) {
        let streams = self.next_stream..self.next_stream + callers;
        self.next_stream = streams.end;
        if P::BLOCKING {
            let barrier = Barrier::new(streams.clone().count());
            let begun = Instant::now();
            std::thread::scope(|scope| {
                let spawn = |stream| {
                    let (peer, is_enough) = (&self.peer, &is_enough);
                    let (barrier, runtime) = (&barrier, &self.runtime);
                    scope.spawn(move || {
                        // No caller begins before all are there: threads take a while to make.
                        barrier.wait();
                        let begun = Instant::now();
                        let done = runtime.block_on(caller(peer, stream, bytes, begun, is_enough));
                        (done, begun)
                    })
                };
                let threads: Vec<_> = streams.map(spawn).collect();
                let all = threads.into_iter().map(|thread| thread.join().unwrap());
                let (done, first) = all.fold((0, None), |(done, first), (more, at)| {
                    (
                        done + more,
                        Some(first.map_or(at, |first: Instant| first.min(at))),
                    )
                });
                (done, first.unwrap_or(begun).elapsed())
            })
        } else {
            let begun = Instant::now();
            let done = self.runtime.block_on(async {
                let mut tasks = JoinSet::new();
                for stream in streams {
                    let (peer, is_enough) = (self.peer.clone(), is_enough.clone());
                    tasks.spawn(
                        async move { caller(&peer, stream, bytes, begun, &is_enough).await },
                    );
                }
                tasks.join_all().await.into_iter().sum()
            });
            (done, begun.elapsed())
        }
    }

    fn check_all(&self, seen: Tally) {
        let all = self
            .filled
            .iter()
            .fold(Tally::default(), |all, stream| Tally {
                count: all.count + stream.count,
                sum: all.sum + stream.sum,
            });
        assert_eq!(seen, all, "every event once");
    }
}

/// One caller, who appends one event after the other.
async fn caller(
    peer: &impl Peer,
    stream: u64,
    bytes: usize,
    begun: Instant,
    is_enough: &impl Fn(u64, Instant) -> bool,
) -> u64 {
    let mut version = 0;
    while !is_enough(version, begun) {
        peer.append(stream, version, vec![payload(version, bytes)])
            .await;
        version += 1;
    }
    version
}

impl<P: Peer> Work for Worker<P> {
    fn append(&mut self, callers: u64, bytes: usize, span: Duration) -> f64 {
        let (done, took) = self.call(callers, bytes, move |_, begun| begun.elapsed() >= span);
        done as f64 / took.as_secs_f64()
    }

    fn append_batches(&mut self, bytes: usize, span: Duration) -> f64 {
        let begun = Instant::now();
        let mut done = 0;
        while begun.elapsed() < span {
            let payloads = (0..EVENTS).map(|number| payload(number, bytes)).collect();
            self.runtime
                .block_on(self.peer.append(self.next_stream, 0, payloads));
            self.next_stream += 1;
            done += EVENTS;
        }
        done as f64 / begun.elapsed().as_secs_f64()
    }

    fn append_exactly(&mut self, callers: u64, appends: u64, bytes: usize) {
        let each = appends / callers;
        self.call(callers, bytes, move |done, _| done >= each);
    }

    fn settle(&self) {
        if P::FOLDS_LATER {
            wait_until_folded();
        }
    }

    fn fill(&mut self, bytes: usize) {
        self.filled = vec![Tally::default(); usize::try_from(STREAMS).unwrap()];
        for version in 0..EVENTS {
            let numbers = (0..STREAMS).map(|stream| version * STREAMS + stream);
            let payloads: Vec<_> = numbers.map(|number| payload(number, bytes)).collect();
            for (tally, payload) in self.filled.iter_mut().zip(&payloads) {
                tally.add(payload.as_bytes());
            }
            self.runtime
                .block_on(self.peer.append_to_each(version, payloads));
        }
    }

    fn read_log(&mut self) -> Option<f64> {
        let begun = Instant::now();
        let seen = self.runtime.block_on(self.peer.read_log())?;
        let took = begun.elapsed();
        self.check_all(seen);
        Some(took.as_secs_f64() * 1e6 / (STREAMS * EVENTS) as f64)
    }

    fn load(&mut self) -> Option<f64> {
        let begun = Instant::now();
        for number in 0..LOADS {
            let stream = number * 37 % STREAMS;
            let seen = self.runtime.block_on(self.peer.load(stream))?;
            assert_eq!(
                Some(&seen),
                self.filled.get(usize::try_from(stream).unwrap())
            );
            black_box(seen);
        }
        Some(begun.elapsed().as_secs_f64() * 1e6 / LOADS as f64)
    }

    fn project(&mut self) -> Option<f64> {
        self.run += 1;
        let begun = Instant::now();
        let seen = self.runtime.block_on(self.peer.project(self.run))?;
        let took = begun.elapsed();
        assert_eq!(
            seen,
            Tally::of_streams(self.filled.iter().map(|stream| stream.sum))
        );
        Some(took.as_secs_f64() * 1e6 / (STREAMS * EVENTS) as f64)
    }
}
