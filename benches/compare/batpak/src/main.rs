//! batpak, taking orders: it cannot be built together with the other peers.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it reports figures"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has nothing to report"
)]

#[path = "../../src/peer.rs"]
mod peer;
mod serve;
#[path = "../../../kit/process.rs"]
#[expect(dead_code, reason = "nobody counts here what was read")]
mod process;
#[path = "../../src/work.rs"]
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use batpak::prelude::*;
use batpak::store::{BatchAppendItem, CausationRef, DurabilityGate, WatermarkKind};
use serde::{Deserialize, Serialize};

use crate::peer::{Peer, Tally, amount};
use crate::work::Worker;

#[derive(Serialize, Deserialize, EventPayload)]
#[batpak(category = 1, type_id = 1)]
struct Done {
    body: String,
}

#[derive(Debug, Default, Serialize, Deserialize, EventSourced)]
#[batpak(input = RawMsgpackInput, cache_version = 0, state_max_cardinality = 1)]
#[batpak(event = Done, handler = on_done)]
struct Sum {
    count: u64,
    sum: u64,
}

impl Sum {
    fn on_done(&mut self, done: &Done) {
        self.count += 1;
        self.sum += amount(done.body.as_bytes());
    }
}

#[derive(Clone)]
struct Batpak(Arc<Store>);

impl Batpak {
    fn append_batch(&self, items: Vec<BatchAppendItem>) {
        let _ = self.0.append_batch_with_options(items, durable()).unwrap();
    }

    fn sum(&self, stream: u64) -> Sum {
        let sum = self.0.project(&id(stream), &Freshness::Consistent);
        sum.unwrap().unwrap()
    }
}

impl Peer for Batpak {
    const BLOCKING: bool = true;

    async fn open(folder: &Path) -> Self {
        let config = StoreConfig::new(folder)
            .with_sync_every_n_events(1)
            .with_sync_mode(SyncMode::SyncData)
            .with_group_commit_max_batch(0) // as many as wait
            .with_batch_max_size(1000);
        Self(Arc::new(Store::open(config).unwrap()))
    }

    async fn append(&self, stream: u64, _version: u64, payloads: Vec<String>) {
        let coordinate = coordinate(stream);
        match <[String; 1]>::try_from(payloads) {
            Ok([body]) => {
                let done = Done { body };
                let receipt = self
                    .0
                    .append_typed_with_options(&coordinate, &done, durable());
                let _ = receipt.unwrap();
            }
            Err(bodies) => {
                let items = bodies
                    .into_iter()
                    .map(|body| item(coordinate.clone(), body));
                self.append_batch(items.collect());
            }
        }
    }

    async fn append_to_each(&self, _version: u64, payloads: Vec<String>) {
        let items = (0..).zip(payloads);
        let items = items.map(|(stream, body)| item(coordinate(stream), body));
        self.append_batch(items.collect());
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut after = None;
        loop {
            let page = self.0.query_entries_after(&Region::all(), after, 1000);
            for entry in page.iter().filter(|entry| entry.event_kind() == Done::KIND) {
                let event = self.0.read_raw(entry.event_id()).unwrap();
                let done: Done = batpak::encoding::from_bytes(&event.event.payload).unwrap();
                tally.add(done.body.as_bytes());
            }
            let Some(last) = page.last() else {
                return Some(tally);
            };
            after = Some(last.global_sequence());
        }
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let Sum { count, sum } = self.sum(stream);
        Some(Tally { count, sum })
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        let sums = (0..work::STREAMS).map(|stream| self.sum(stream).sum);
        Some(Tally::of_streams(sums))
    }
}

/// Answered when it is on the disk; without, an append is answered before its sync.
fn durable() -> AppendOptions {
    let gate = DurabilityGate::new(WatermarkKind::Durable, Duration::from_mins(1));
    AppendOptions::default().with_gate(gate)
}

fn id(stream: u64) -> String {
    format!("bench:{stream}")
}

fn coordinate(stream: u64) -> Coordinate {
    Coordinate::new(id(stream), "bench").unwrap()
}

fn item(coordinate: Coordinate, body: String) -> BatchAppendItem {
    let options = AppendOptions::default();
    BatchAppendItem::typed(coordinate, &Done { body }, options, CausationRef::None).unwrap()
}

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let mut worker = Worker::<Batpak>::open(&folder.unwrap());
    serve::serve(&mut worker);
}
