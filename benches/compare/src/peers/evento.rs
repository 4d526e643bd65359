//! evento on fjall.

#![expect(clippy::unused_async, reason = "its macros take async handlers only")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use evento::cursor::Args;
use evento::metadata::Event;
use evento::projection::Projection;
use evento::subscription::{Context, SubscriptionBuilder};
use evento::{Executor, Fjall, TenantFilter};
use fjall::PersistMode;

use crate::peer::{Peer, Tally, amount};

#[evento::aggregate(name = "bench/Bench")]
pub enum Bench {
    Done { body: String },
}

#[evento::projection]
#[evento::snapshot(none)]
pub struct Sum {
    pub count: u64,
    pub total: u64,
}

#[evento::handler]
async fn add_to_sum(event: Event<Done>, sum: &mut Sum) -> anyhow::Result<()> {
    sum.count += 1;
    sum.total += amount(event.data.body.as_bytes());
    Ok(())
}

type Sums = Arc<Mutex<HashMap<String, u64>>>;

#[evento::subscription]
async fn add_to_sums<E: Executor>(
    context: &Context<'_, E>,
    event: Event<Done>,
) -> anyhow::Result<()> {
    let sums: Sums = context.extract();
    let mut sums = sums.lock().unwrap();
    *sums.entry(event.aggregate_id.clone()).or_default() += amount(event.data.body.as_bytes());
    Ok(())
}

#[derive(Clone)]
pub struct Evento(Fjall);

/// Appends, as durably as this handle does.
async fn append(executor: &Fjall, stream: u64, version: u64, payloads: Vec<String>) {
    let mut commit = evento::append(id(stream));
    commit.original_version(u16::try_from(version).unwrap());
    for body in payloads {
        commit.event(&Done { body });
    }
    commit.commit(executor).await.unwrap();
}

impl Peer for Evento {
    async fn open(folder: &Path) -> Self {
        Self(Fjall::open(folder).unwrap())
    }

    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        append(&self.0, stream, version, payloads).await;
    }

    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        let unsynced = self.0.clone().persist_mode(PersistMode::Buffer);
        for (stream, payload) in (0..).zip(payloads) {
            append(&unsynced, stream, version, vec![payload]).await;
        }
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut after = None;
        loop {
            let args = Args::forward(1000, after);
            let page = self.0.read(None, None, TenantFilter::All, args, None);
            let page = page.await.unwrap();
            for edge in &page.edges {
                let done: Done = bitcode::decode(&edge.node.data).unwrap();
                tally.add(done.body.as_bytes());
            }
            if !page.page_info.has_next_page {
                return Some(tally);
            }
            after = page.page_info.end_cursor;
        }
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let projection = Projection::<_, Sum>::new::<Bench>().handler(add_to_sum());
        let sum = projection.load(id(stream)).execute(&self.0).await;
        let Sum { count, total, .. } = sum.unwrap().unwrap();
        Some(Tally { count, sum: total })
    }

    async fn project(&self, run: u64) -> Option<Tally> {
        let sums = Sums::default();
        let mut subscription = SubscriptionBuilder::new(format!("sums-{run}"))
            .handler(add_to_sums())
            .data(Arc::clone(&sums))
            .chunk_size(1000);
        subscription.run_once(&self.0).await.unwrap();
        Some(Tally::of_streams(sums.lock().unwrap().values().copied()))
    }
}

fn id(stream: u64) -> String {
    format!("bench-{stream}")
}
