//! VarveDB of this repository, payloads as bytes.

use std::ops::ControlFlow;
use std::path::Path;

use varvedb::{ExpectedVersion, NewCommit, NewEvent, Store, StreamId, TypeName};

use crate::peer::{Peer, Tally};

#[derive(Clone)]
pub struct Ours {
    store: Store,
    type_name: TypeName,
}

impl Ours {
    fn event(&self, payload: String) -> NewEvent {
        NewEvent::new(self.type_name.clone(), payload)
    }
}

impl Peer for Ours {
    const FOLDS_LATER: bool = true;

    async fn open(folder: &Path) -> Self {
        Self {
            store: Store::open(folder.join("ours.varve")).unwrap(),
            type_name: TypeName::new("bench.done").unwrap(),
        }
    }

    async fn append(&self, stream: u64, version: u64, payloads: Vec<String>) {
        let events = payloads.into_iter().map(|payload| self.event(payload));
        let appended = self
            .store
            .append(&id(stream), expected(version), events)
            .await;
        let _ = appended.unwrap();
    }

    async fn append_to_each(&self, version: u64, payloads: Vec<String>) {
        let mut commit = NewCommit::new();
        for (stream, payload) in (0..).zip(payloads) {
            commit = commit.append(id(stream), expected(version), [self.event(payload)]);
        }
        let _ = self.store.commit(commit).await.unwrap();
    }

    async fn read_log(&self) -> Option<Tally> {
        let mut tally = Tally::default();
        let read = self.store.read_log().visit(|event| {
            tally.add(event.payload());
            ControlFlow::Continue(())
        });
        read.unwrap();
        Some(tally)
    }

    async fn load(&self, stream: u64) -> Option<Tally> {
        let mut tally = Tally::default();
        let read = self.store.read_stream(&id(stream)).visit(|event| {
            tally.add(event.payload());
            ControlFlow::Continue(())
        });
        read.unwrap();
        Some(tally)
    }

    /// Projections take typed events: see `ours_typed`.
    async fn project(&self, _run: u64) -> Option<Tally> {
        None
    }
}

fn id(stream: u64) -> StreamId {
    StreamId::new("bench", stream).unwrap()
}

pub fn expected(version: u64) -> ExpectedVersion {
    match version {
        0 => ExpectedVersion::NoStream,
        version => ExpectedVersion::Exact(version.into()),
    }
}
