//! Data keys in memory: few, for a short time, and none after something was shredded.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::secret::Secret;
use crate::pii::KeyId;

/// Keys leave in the order in which they came: when there are too many, when they have been here too
/// long, or when the shred epoch is another.
#[derive(Debug)]
pub(super) struct Cache {
    keys: HashMap<KeyId, Arc<Secret>>,
    order: VecDeque<(Instant, KeyId)>,
    epoch: u64,
    capacity: usize,
    ttl: Duration,
}

impl Cache {
    pub(super) fn new(capacity: usize, ttl: Duration) -> Self {
        Self {
            keys: HashMap::new(),
            order: VecDeque::new(),
            epoch: 0,
            capacity,
            ttl,
        }
    }

    /// The key, if it was read in this epoch.
    pub(super) fn get(&mut self, key: &KeyId, epoch: u64) -> Option<Arc<Secret>> {
        self.enter(epoch);
        self.keys.get(key).cloned()
    }

    /// Keeps a key that was read after the epoch was seen. An older epoch than now puts nothing in.
    pub(super) fn put(&mut self, key: KeyId, secret: Arc<Secret>, epoch: u64) {
        self.enter(epoch);
        if self.capacity == 0 || self.epoch != epoch || self.keys.contains_key(&key) {
            return;
        }
        while self.keys.len() >= self.capacity {
            self.drop_oldest();
        }
        self.keys.insert(key, secret);
        self.order.push_back((Instant::now(), key));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.order.clear();
    }

    /// Wipes all keys if the epoch is a later one, and those that have been here too long.
    pub(super) fn enter(&mut self, epoch: u64) {
        if epoch > self.epoch {
            self.clear();
            self.epoch = epoch;
        }
        while self
            .order
            .front()
            .is_some_and(|(since, _)| since.elapsed() >= self.ttl)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.keys.remove(&key);
        }
    }
}
