//! What the threads and handles of one open store share.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::names::{Names, SharedNames};
use super::privacy::Custody;
use crate::clock::Clock;
use crate::error::StorageError;
use crate::event::Boxes;
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
    /// The key vault, if the store was opened with one.
    custody: Option<Custody>,
    head: watch::Sender<Position>,
    poison: OnceLock<StorageError>,
    /// The process that opened the store, with the threads that play its part.
    process: u32,
}

impl Shared {
    pub(crate) fn new(
        log: Log,
        index: Index,
        clock: Arc<dyn Clock>,
        names: SharedNames,
        custody: Option<Custody>,
    ) -> Self {
        let head = watch::Sender::new(log.end().position);
        Self {
            log,
            index,
            clock,
            names,
            custody,
            head,
            poison: OnceLock::new(),
            process: std::process::id(),
        }
    }

    /// The names of now.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.names.get()
    }

    /// What opens the boxes of personal data.
    pub(crate) fn boxes(&self) -> Boxes<'_> {
        self.custody.as_ref().map(Custody::boxes)
    }

    /// The key vault, and what the log says of it.
    pub(crate) fn custody(&self) -> Option<&Custody> {
        self.custody.as_ref()
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
            tracing::error!(%cause, "the store stopped, reopen it to recover");
            // Whoever waits for the head must learn of it.
            self.head.send_modify(|_| {});
        }
    }

    /// Whether this process was forked from the one that opened the store. It has none of the
    /// store's threads, and LMDB forbids it to use what it has inherited.
    pub(crate) fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }

    /// Fails once the store is poisoned, and in a forked process.
    pub(crate) fn check(&self) -> Result<(), StorageError> {
        if self.is_forked() {
            return Err(StorageError::forked(self.process));
        }
        self.poison.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}
