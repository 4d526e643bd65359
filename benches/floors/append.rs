//! Durable appends of one event, by callers that each wait for the answer before the next.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use varvedb::{ExpectedVersion, NewEvent, Store, StreamId, TypeName};

use crate::Plan;
use crate::group::RawGroup;
use crate::round::{head, in_turn, more_is_better};

/// Who writes durably: the store, or the floor.
#[derive(Clone)]
enum Writer {
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
}

pub fn measure(plan: &Plan) {
    head(
        "Durable appends of one event (each answered after `fdatasync`)",
        "appends/s",
    );
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for bytes in [64, 256] {
        for callers in [1, 8, 64, 512] {
            let folder = tempfile::tempdir_in(&plan.dir).unwrap();
            let store = Store::open(folder.path().join("bench.varve")).unwrap();
            let ours = Writer::Ours(store, TypeName::new("bench.done").unwrap());
            let floor = Writer::Floor(RawGroup::new(&plan.dir));
            let figures = in_turn(
                plan.rounds,
                || rate(&runtime, plan.span, callers, bytes, &ours),
                || rate(&runtime, plan.span, callers, bytes, &floor),
            );
            more_is_better(&format!("{bytes} B, {callers} callers"), figures);
        }
    }
}

/// How many times a second `callers` together get a payload written.
fn rate(runtime: &Runtime, span: Duration, callers: u64, bytes: usize, writer: &Writer) -> f64 {
    runtime.block_on(async {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for caller in 0..callers {
            let (writer, stream) = (writer.clone(), StreamId::new("bench", caller).unwrap());
            tasks.spawn(async move {
                let mut done = 0_u64;
                while begun.elapsed() < span {
                    writer.write(&stream, vec![7; bytes]).await;
                    done += 1;
                }
                done
            });
        }
        let mut total = 0;
        while let Some(done) = tasks.join_next().await {
            total += done.unwrap();
        }
        total as f64 / begun.elapsed().as_secs_f64()
    })
}
