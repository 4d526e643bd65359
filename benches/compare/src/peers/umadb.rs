//! `UmaDB`'s engine, with the writer thread that its server puts before it: that is where it groups
//! commits.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use umadb_core::db::UmaDb;
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_core::writer_thread_blocking::writer_thread_blocking;
use umadb_core::writer_thread_request::WriterThreadRequest;
use umadb_dcb::{DcbEvent, DcbEventStoreSync, DcbQuery, DcbQueryItem};

use crate::peer::{Peer, Tally};

/// Events that the writer thread takes into one commit at most.
const GROUP: usize = 4096;

#[derive(Clone)]
pub struct Umadb {
    db: Arc<UmaDb>,
    writer: mpsc::Sender<WriterThreadRequest>,
}

impl Umadb {
    async fn commit(&self, events: Vec<DcbEvent>) {
        let (response_tx, response) = oneshot::channel();
        let request = WriterThreadRequest::Append {
            events,
            condition: None,
            tracking_info: None,
            response_tx,
            cancel: None,
        };
        assert!(self.writer.send(request).await.is_ok());
        response.await.unwrap().unwrap();
    }

    fn read(&self, query: Option<&DcbQuery>) -> Tally {
        let mut tally = Tally::default();
        let mut start = None;
        loop {
            let mut page = self
                .db
                .read(query.cloned(), start, false, Some(1000))
                .unwrap();
            let events = page.next_batch().unwrap();
            for event in &events {
                tally.add(&event.event.data);
            }
            let Some(last) = events.last() else {
                return tally;
            };
            start = Some(last.position + 1);
        }
    }
}

impl Peer for Umadb {
    async fn open(folder: &Path) -> Self {
        let options = StorageOptions::default()
            .db_path(folder)
            .page_cache_max_mb(256); // reads are several times slower without
        let mvcc = Arc::new(Mvcc::new(false, options).unwrap());
        let (writer, requests) = mpsc::channel(GROUP);
        let db = Arc::new(UmaDb::from_arc(Arc::clone(&mvcc)));
        std::thread::spawn(move || {
            writer_thread_blocking(mvcc, requests, watch::Sender::new(None), GROUP);
        });
        Self { db, writer }
    }

    async fn append(&self, stream: u64, _version: u64, payloads: Vec<String>) {
        let events = payloads.into_iter().map(|payload| event(stream, payload));
        self.commit(events.collect()).await;
    }

    async fn append_to_each(&self, _version: u64, payloads: Vec<String>) {
        let events = (0..).zip(payloads);
        self.commit(
            events
                .map(|(stream, payload)| event(stream, payload))
                .collect(),
        )
        .await;
    }

    async fn read_log(&self) -> Option<Tally> {
        Some(self.read(None))
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let query = DcbQuery::new().item(DcbQueryItem::new().tags([tag(stream)]));
        Some(self.read(Some(&query)))
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        None
    }
}

/// It has no streams, but tags.
fn tag(stream: u64) -> String {
    format!("bench:{stream}")
}

fn event(stream: u64, payload: String) -> DcbEvent {
    DcbEvent::new()
        .event_type("bench.done")
        .tags([tag(stream)])
        .data(payload)
}
