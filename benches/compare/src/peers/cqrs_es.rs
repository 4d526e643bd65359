//! cqrs-es on `SQLite`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, QueryReplay, SerializedEvent,
};
use cqrs_es::{Aggregate, AggregateContext, DomainEvent, EventEnvelope, EventStore, Query};
use serde::{Deserialize, Serialize};
use sqlite_es::SqliteEventRepository;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::peer::{Peer, Tally, amount};

const TABLE: &str = "CREATE TABLE events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence integer NOT NULL,
    event_type text NOT NULL, event_version text NOT NULL, payload text NOT NULL,
    metadata text NOT NULL, PRIMARY KEY (aggregate_type, aggregate_id, sequence)) STRICT";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum BenchEvent {
    Done { body: String },
}

impl DomainEvent for BenchEvent {
    fn event_type(&self) -> String {
        "Done".to_owned()
    }
    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Bench {
    count: u64,
    sum: u64,
}

impl Aggregate for Bench {
    const TYPE: &'static str = "bench";
    type Command = ();
    type Event = BenchEvent;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _: &EventSink<Self>) -> Result<(), Infallible> {
        Ok(())
    }

    fn apply(&mut self, BenchEvent::Done { body }: BenchEvent) {
        self.count += 1;
        self.sum += amount(body.as_bytes());
    }
}

#[derive(Clone, Default)]
struct Sums(Arc<Mutex<HashMap<String, u64>>>);

#[async_trait::async_trait]
impl Query<Bench> for Sums {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Bench>]) {
        for EventEnvelope { payload, .. } in events {
            let BenchEvent::Done { body } = payload;
            *self.0.lock().unwrap().entry(id.to_owned()).or_default() += amount(body.as_bytes());
        }
    }
}

#[derive(Clone)]
pub struct CqrsEs(SqlitePool);

impl CqrsEs {
    /// Says something to the one connection.
    async fn set(&self, pragma: &'static str) {
        sqlx::query(pragma).execute(&self.0).await.unwrap();
    }

    fn repository(&self) -> SqliteEventRepository {
        SqliteEventRepository::new(self.0.clone())
    }
}

impl Peer for CqrsEs {
    async fn open(folder: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("events.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // One connection: several that write only wait for each other, and less fairly.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options);
        let pool = pool.await.unwrap();
        sqlx::query(TABLE).execute(&pool).await.unwrap();
        Self(pool)
    }

    /// Below its framework, which would load the stream before each command.
    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        let events = (version + 1..).zip(payloads);
        let events = events.map(|(sequence, body)| serialized(stream, sequence, body));
        let events: Vec<_> = events.collect();
        self.repository()
            .persist::<Bench>(&events, None)
            .await
            .unwrap();
    }

    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        self.set("PRAGMA synchronous = OFF").await;
        for (stream, payload) in (0..).zip(payloads) {
            self.append(stream, version, vec![payload]).await;
        }
        self.set("PRAGMA synchronous = FULL").await;
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut events = self
            .repository()
            .stream_all_events::<Bench>()
            .await
            .unwrap();
        while let Some(event) = events.next::<Bench>(&[]).await {
            let BenchEvent::Done { body } = event.unwrap().payload;
            tally.add(body.as_bytes());
        }
        Some(tally)
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let store = PersistedEventStore::<_, Bench>::new_event_store(self.repository());
        let mut context = store.load_aggregate(&id(stream)).await.unwrap();
        let Bench { count, sum } = *context.aggregate();
        Some(Tally { count, sum })
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        let sums = Sums::default();
        let replay = QueryReplay::new(self.repository(), sums.clone());
        replay.replay_all().await.unwrap();
        Some(Tally::of_streams(sums.0.lock().unwrap().values().copied()))
    }
}

fn id(stream: u64) -> String {
    format!("bench-{stream}")
}

fn serialized(stream: u64, sequence: u64, body: String) -> SerializedEvent {
    let event = BenchEvent::Done { body };
    SerializedEvent {
        aggregate_id: id(stream),
        sequence: usize::try_from(sequence).unwrap(),
        aggregate_type: Bench::TYPE.to_owned(),
        event_type: event.event_type(),
        event_version: event.event_version(),
        payload: serde_json::to_value(&event).unwrap(),
        metadata: serde_json::Value::Object(serde_json::Map::new()),
    }
}
