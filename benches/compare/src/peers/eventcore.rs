//! eventcore on `SQLite`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};

use eventcore::sqlite::{SqliteConfig, SqliteEventStore};
use eventcore::{Event, ProjectionConfig, Projector, StreamId, StreamPosition, run_projection};
use eventcore_types::{
    BatchSize, EventFilter, EventPage, EventReader, EventStore, StreamVersion, StreamWrites,
    collect_events,
};
use serde::{Deserialize, Serialize};

use crate::peer::{Peer, Tally, amount};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Done {
    id: StreamId,
    body: String,
}

impl Event for Done {
    fn stream_id(&self) -> &StreamId {
        &self.id
    }
    fn event_type_name() -> &'static str {
        "Done"
    }
}

struct Sums {
    name: String,
    sums: Arc<Mutex<HashMap<StreamId, u64>>>,
}

impl Projector for Sums {
    type Event = Done;
    type Error = Infallible;
    type Context = ();

    fn apply(&mut self, event: Done, _: StreamPosition, (): &mut ()) -> Result<(), Infallible> {
        let amount = amount(event.body.as_bytes());
        *self.sums.lock().unwrap().entry(event.id).or_default() += amount;
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[derive(Clone)]
pub struct Eventcore(Arc<SqliteEventStore>);

impl Peer for Eventcore {
    async fn open(folder: &Path) -> Self {
        let config = SqliteConfig {
            path: folder.join("events.db"),
            encryption_key: None,
        };
        let store = SqliteEventStore::new(config).unwrap();
        store.migrate().await.unwrap();
        Self(Arc::new(store))
    }

    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        let id = id(stream);
        let mut writes = expect(StreamWrites::new(), &id, version);
        for body in payloads {
            let id = id.clone();
            writes = writes.append(Done { id, body }).unwrap();
        }
        self.0.append_events(writes).await.unwrap();
    }

    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        let mut writes = StreamWrites::new();
        for (stream, body) in (0..).zip(payloads) {
            let id = id(stream);
            writes = expect(writes, &id, version)
                .append(Done { id, body })
                .unwrap();
        }
        self.0.append_events(writes).await.unwrap();
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let limit = BatchSize::new(1000);
        let mut page = EventPage::first(limit);
        loop {
            let events = self.0.read_events::<Done>(EventFilter::all(), page);
            let events = events.await.unwrap();
            for (event, _) in &events {
                tally.add(event.body.as_bytes());
            }
            let Some((_, position)) = events.last() else {
                return Some(tally);
            };
            page = EventPage::after(*position, limit);
        }
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let mut tally = Tally::default();
        let events = self.0.read_stream::<Done>(id(stream)).await.unwrap();
        for event in collect_events(events).await.unwrap() {
            tally.add(event.body.as_bytes());
        }
        Some(tally)
    }

    async fn project(&self, run: u64) -> Option<Tally> {
        let sums = Arc::<Mutex<HashMap<_, _>>>::default();
        loop {
            let before: u64 = sums.lock().unwrap().values().sum();
            let projector = Sums {
                name: format!("sums-{run}"),
                sums: Arc::clone(&sums),
            };
            let config = ProjectionConfig::default();
            // One run is one page of events, after the checkpoint of the one before.
            run_projection(projector, self.0.as_ref(), config)
                .await
                .unwrap();
            let sums = sums.lock().unwrap();
            if sums.values().sum::<u64>() == before {
                return Some(Tally::of_streams(sums.values().copied()));
            }
        }
    }
}

fn id(stream: u64) -> StreamId {
    StreamId::try_new(format!("bench-{stream}")).unwrap()
}

fn expect(writes: StreamWrites, id: &StreamId, version: u64) -> StreamWrites {
    let version = StreamVersion::new(usize::try_from(version).unwrap());
    writes.register_stream(id.clone(), version).unwrap()
}
