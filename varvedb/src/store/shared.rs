//! What the threads and handles of one open store share.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::names::{Names, SharedNames};
use crate::clock::Clock;
use crate::error::StorageError;
use crate::index::Index;
use crate::log::Log;
use crate::position::Position;

/// The pillars of an open store, and its state.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) log: Log,
    pub(crate) index: Index,
    pub(crate) clock: Arc<dyn Clock>,
    names: SharedNames,
    head: watch::Sender<Position>,
    poison: OnceLock<StorageError>,
}

impl Shared {
    pub(crate) fn new(log: Log, index: Index, clock: Arc<dyn Clock>, names: SharedNames) -> Self {
        let head = watch::Sender::new(log.end().position);
        Self {
            log,
            index,
            clock,
            names,
            head,
            poison: OnceLock::new(),
        }
    }

    /// The names of now.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.names.get()
    }

    pub(crate) fn shared_names(&self) -> &SharedNames {
        &self.names
    }

    /// The position of the last committed event.
    pub(crate) fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Wakes everybody who waits for a position. They look at the head itself, so a wake-up that
    /// comes twice, or together with another, loses nothing.
    pub(crate) fn publish(&self, head: Position) {
        self.head.send_replace(head);
    }

    /// Hears of every change of the head, and of the end of the store.
    pub(crate) fn watch_head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// Lets every later call fail with `cause`: after a failed write or sync nothing may be
    /// assumed written.
    pub(crate) fn poison(&self, cause: &StorageError) {
        if self.poison.set(StorageError::poisoned(cause)).is_ok() {
            tracing::error!(%cause, "the store stopped writing, reopen it to recover");
            // Whoever waits for the head must learn of it.
            self.head.send_modify(|_| {});
        }
    }

    /// Fails once the store is poisoned.
    pub(crate) fn check(&self) -> Result<(), StorageError> {
        self.poison.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}
