//! sierradb, the engine without its server: with the sync window it has by default, and without.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use sierradb::StreamId;
use sierradb::bucket::segment::CommittedEvents;
use sierradb::database::{Database, DatabaseBuilder, ExpectedVersion, NewEvent, Transaction};
use sierradb::id::{uuid_to_partition_hash, uuid_v7_with_partition_hash};
use sierradb::{IterDirection, bucket::PartitionId};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::peer::{Peer, Tally};

const PARTITIONS: u16 = 4;

/// `EAGER`: every append is synced at once, rather than within the window of 5 ms.
#[derive(Clone)]
pub struct Sierradb<const EAGER: bool> {
    database: Database,
    /// One for each partition; a stream keeps to one.
    keys: Vec<Uuid>,
}

impl<const EAGER: bool> Sierradb<EAGER> {
    fn partition(&self, stream: u64) -> (PartitionId, Uuid) {
        let partition = u16::try_from(stream % u64::from(PARTITIONS)).unwrap();
        (partition, self.keys[usize::from(partition)])
    }

    /// An empty tally. The eager store is not filled and not read: it would be the other one again.
    fn tally() -> Option<Tally> {
        (!EAGER).then(Tally::default)
    }

    async fn commit(&self, partition: PartitionId, key: Uuid, events: Vec<NewEvent>) {
        let transaction = Transaction::new(key, partition, events.into()).unwrap();
        self.database.append_events(transaction).await.unwrap();
    }
}

impl<const EAGER: bool> Peer for Sierradb<EAGER> {
    async fn open(folder: &Path) -> Self {
        let mut builder = DatabaseBuilder::new();
        builder
            .total_buckets(PARTITIONS)
            .bucket_ids_from_range(0..PARTITIONS);
        if EAGER {
            builder.max_batch_size(1).min_sync_bytes(1);
        }
        let keys = (0..PARTITIONS).map(|_| Uuid::new_v4()).collect();
        Self {
            database: builder.open(folder).unwrap(),
            keys,
        }
    }

    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        let (partition, key) = self.partition(stream);
        let events = (version..).zip(payloads);
        let events = events.map(|(version, payload)| event(key, stream, version, payload));
        self.commit(partition, key, events.collect()).await;
    }

    /// One transaction for each, all at once: whoever reads an event of a transaction of several
    /// reads them all, which would make loads look many times slower than they are.
    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        let mut appends = JoinSet::new();
        for (stream, payload) in (0..).zip(payloads).filter(|_| !EAGER) {
            let peer = self.clone();
            appends.spawn(async move { peer.append(stream, version, vec![payload]).await });
        }
        appends.join_all().await;
    }

    /// There is an order within each partition, and none of the whole.
    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Self::tally()?;
        for partition in 0..PARTITIONS {
            let read = self
                .database
                .read_partition(partition, 0, IterDirection::Forward);
            let mut events = read.await.unwrap();
            while let Some(batch) = events.next_batch(1000).await.unwrap() {
                add_all(&mut tally, &batch);
            }
        }
        Some(tally)
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let mut tally = Self::tally()?;
        let (partition, _) = self.partition(stream);
        let read = self
            .database
            .read_stream(partition, id(stream), 0, IterDirection::Forward);
        let mut events = read.await.unwrap();
        while let Some(batch) = events.next_batch(1000).await.unwrap() {
            add_all(&mut tally, &batch);
        }
        Some(tally)
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        None
    }
}

fn id(stream: u64) -> StreamId {
    StreamId::new(format!("bench-{stream}")).unwrap()
}

fn event(key: Uuid, stream: u64, version: u64, payload: String) -> NewEvent {
    #[expect(
        clippy::disallowed_methods,
        reason = "it leaves the clock to its callers"
    )]
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    NewEvent {
        event_id: uuid_v7_with_partition_hash(uuid_to_partition_hash(key)),
        stream_id: id(stream),
        stream_version: ExpectedVersion::from_next_version(version),
        event_name: "bench.done".to_owned(),
        timestamp: u64::try_from(time.as_nanos()).unwrap(),
        metadata: Vec::new(),
        payload: payload.into_bytes(),
    }
}

fn add_all(tally: &mut Tally, commits: &[CommittedEvents]) {
    for commit in commits {
        match commit {
            CommittedEvents::Single(event) => tally.add(&event.payload),
            CommittedEvents::Transaction { events, .. } => {
                for event in events.iter() {
                    tally.add(&event.payload);
                }
            }
        }
    }
}
