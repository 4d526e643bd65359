//! varvedb 0.4.2, the crate that has had this name before.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::task::yield_now;
use upstream::{GlobalSequence, Stream, StreamId, Varve, VarveConfig};

use crate::peer::{Peer, Tally};

#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    varve: Varve,
    /// An append takes it exclusively, and payloads of at most so many bytes.
    stream: Mutex<Stream<String, 1024>>,
}

impl Upstream {
    fn append_now(&self, stream: StreamId, payloads: &[String]) {
        let mut inner = self.0.stream.lock().unwrap();
        if let [payload] = payloads {
            inner.append_alloc(stream, payload).unwrap();
        } else {
            inner.append_batch_alloc(stream, payloads).unwrap();
        }
    }
}

impl Peer for Upstream {
    async fn open(folder: &Path) -> Self {
        let config = VarveConfig {
            map_size: 4 << 30, // its default, 10 MB, is full at once
            ..Default::default()
        };
        let mut varve = Varve::with_config(folder, config).unwrap();
        let stream = Mutex::new(varve.stream("bench").unwrap());
        Self(Arc::new(Inner { varve, stream }))
    }

    /// Holds up its thread, one append after the other. Its callers are tasks all the same: more
    /// threads than 126 would be more readers than its LMDB has room for.
    async fn append(&self, stream: u64, _version: u64, payloads: Vec<String>) {
        self.append_now(StreamId(stream), &payloads);
        yield_now().await; // now another caller
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let reader = self.0.varve.global_reader();
        let events = reader.iter_from(GlobalSequence(0)).unwrap();
        events.for_each(|event| tally.add(&event.payload)).unwrap();
        Some(tally)
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let mut tally = Tally::default();
        let reader = self.0.stream.lock().unwrap().reader();
        let events = reader.iter_stream(StreamId(stream), None).unwrap();
        events.for_each(|_, payload| tally.add(payload)).unwrap();
        Some(tally)
    }

    async fn project(&self, _run: u64) -> Option<Tally> {
        None
    }
}
