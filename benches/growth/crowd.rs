//! Callers who append durably, each waiting for the answer before the next.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use varvedb::{ExpectedVersion, Store};

use crate::grown::{any_stream, event};
use crate::random::Random;

/// How many they are.
pub const CALLERS: u64 = 64;

pub struct Crowd(Runtime);

impl Crowd {
    pub fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).build();
        Self(runtime.unwrap())
    }

    /// Has every caller append `each` events, to streams by chance.
    pub fn append(&self, store: &Store, each: u64, answered: impl Fn() + Send + Sync + 'static) {
        let answered = Arc::new(answered);
        let head = store.head().get();
        self.0.block_on(async {
            let mut tasks = JoinSet::new();
            for caller in 0..CALLERS {
                let (store, answered) = (store.clone(), Arc::clone(&answered));
                let mut random = Random::new(head + caller);
                tasks.spawn(async move {
                    for _ in 0..each {
                        let stream = any_stream(&mut random);
                        let append = store.append(&stream, ExpectedVersion::Any, [event()]);
                        let _ = append.await.unwrap();
                        answered();
                    }
                });
            }
            tasks.join_all().await;
        });
    }
}
