//! One projection on its way through the log.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::processor::{ProjectionState, ProjectionStatus};
use super::unknown::{Meaning, Vocabulary};
use super::{HandlerError, Home, OnUnknown, Projection, Tables, panic_message};
use crate::error::StorageError;
use crate::event::RecordedEvent;
use crate::index::{Checkpoint, RowWriter};
use crate::position::Position;
use crate::store::Store;

/// Events that a projection handles before its checkpoint moves, and before queries of a read
/// model in memory are let in.
const BATCH_EVENTS: u64 = 4096;

/// What the processor drives, whatever the projection's type.
pub(super) trait Runner: Send {
    /// Handles the next batch of events up to `target`. True when there is more to do.
    fn advance(&mut self, store: &Store, target: Position) -> Result<bool, StorageError>;
    /// Writes down how far the projection is, for those that do not with every batch.
    fn rest(&mut self, store: &Store) -> Result<(), StorageError>;
}

/// How one projection is fed.
pub(super) struct ProjectionRunner<P> {
    projection: Arc<RwLock<P>>,
    vocabulary: Vocabulary,
    on_unknown: OnUnknown<P>,
    status: Arc<Mutex<ProjectionStatus>>,
    position: Position,
    checkpoint: Position,
}

/// Why a batch ended before its last event.
struct Stop {
    position: Position,
    error: HandlerError,
}

impl<P: Projection> ProjectionRunner<P> {
    /// A projection that has handled everything up to `position`.
    pub(super) fn new(
        projection: Arc<RwLock<P>>,
        status: Arc<Mutex<ProjectionStatus>>,
        position: Position,
        on_unknown: OnUnknown<P>,
    ) -> Self {
        Self {
            projection,
            vocabulary: Vocabulary::of(&P::interests()),
            on_unknown,
            status,
            position,
            checkpoint: position,
        }
    }

    /// Handles the events of one batch; the position up to which it came, and why it stopped.
    fn handle_batch(
        &self,
        store: &Store,
        end: Position,
        tables: &mut Tables<'_>,
        skipped: &mut u64,
    ) -> Result<Option<Stop>, StorageError> {
        let mut projection = self
            .projection
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut stop = None;
        store.visit_after(self.position, end, &mut |event| match self.see(
            &mut projection,
            event,
            tables,
        ) {
            Ok(Seen::Skipped) => {
                *skipped += 1;
                ControlFlow::Continue(())
            }
            Ok(Seen::Handled) => ControlFlow::Continue(()),
            Err(error) => {
                stop = Some(Stop {
                    position: event.position(),
                    error,
                });
                ControlFlow::Break(())
            }
        })?;
        Ok(stop)
    }

    /// Hands one event to its handler, or does with it what is to be done with what has none.
    fn see(
        &self,
        projection: &mut P,
        event: &RecordedEvent<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<Seen, HandlerError> {
        let error = match self.vocabulary.meaning(event) {
            Meaning::Nothing => return Ok(Seen::Handled),
            Meaning::Retired => {
                tracing::trace!(projection = P::NAME, ?event, "skipped a retired event");
                return Ok(Seen::Skipped);
            }
            Meaning::Handled => match handle(projection, event, tables) {
                Err(HandlerError::Decode(error)) if error.is_unknown() => error.into(),
                handled => return handled.map(|()| Seen::Handled),
            },
            Meaning::Unknown => HandlerError::Unknown {
                type_name: event.type_name().to_owned(),
                category: event.stream().category().to_owned(),
            },
        };
        match &self.on_unknown {
            OnUnknown::Error => Err(error),
            OnUnknown::Skip => {
                let position = event.position();
                tracing::warn!(projection = P::NAME, %position, "skipped what this program does not know: {error}");
                Ok(Seen::Skipped)
            }
            OnUnknown::Raw(handler) => {
                let raw = || handler(projection, event, tables);
                unless_it_panics(raw).map(|()| Seen::Handled)
            }
        }
    }

    /// Rows and checkpoint in one transaction. If a handler fails, the transaction is given up and
    /// the events before the failure are handled again, up to there.
    fn advance_tables(&mut self, store: &Store, end: Position) -> Result<Position, StorageError> {
        let mut end = end;
        loop {
            match self.try_advance_tables(store, end)? {
                None => return Ok(end),
                Some(stop) => {
                    end = Position::new(stop.position.get().saturating_sub(1));
                    self.stop(stop);
                    if end <= self.position {
                        return Ok(self.position);
                    }
                }
            }
        }
    }

    fn try_advance_tables(
        &self,
        store: &Store,
        end: Position,
    ) -> Result<Option<Stop>, StorageError> {
        let shared = store.readable()?;
        let (index, boxes) = (&shared.index, shared.boxes());
        let mut skipped = 0;
        let written = index.write(|rows: &mut RowWriter<'_, '_>| {
            let reached = rows
                .checkpoint(P::NAME)?
                .map_or(Position::ZERO, |reached| reached.position);
            if reached != self.position {
                let position = self.position.next();
                return Err(Failure::Stopped(Stop {
                    position,
                    error: HandlerError::Overtaken,
                }));
            }
            let mut tables = Tables::new(P::NAME, rows, (store, boxes));
            match self.handle_batch(store, end, &mut tables, &mut skipped)? {
                Some(stop) => Err(Failure::Stopped(stop)),
                None => Ok(rows.set_checkpoint(P::NAME, &checkpoint(end))?),
            }
        });
        match written {
            Ok(()) => {
                self.count_skipped(skipped);
                Ok(None)
            }
            Err(Failure::Stopped(stop)) => Ok(Some(stop)),
            Err(Failure::Storage(error)) => Err(error),
        }
    }

    /// Events first, then the checkpoint: after a crash in between they are handled again.
    fn advance_memory(&mut self, store: &Store, end: Position) -> Result<Position, StorageError> {
        let mut skipped = 0;
        let stop = self.handle_batch(store, end, &mut Tables::none(), &mut skipped)?;
        self.count_skipped(skipped);
        let Some(stop) = stop else { return Ok(end) };
        let before = Position::new(stop.position.get().saturating_sub(1));
        self.stop(stop);
        Ok(before)
    }

    fn stop(&self, stop: Stop) {
        let Stop { position, error } = stop;
        tracing::error!(projection = P::NAME, %position, %error, "projection stopped");
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.state = ProjectionState::Stopped {
            position,
            error: Arc::new(error),
        };
    }

    fn count_skipped(&self, skipped: u64) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.skipped += skipped;
    }

    fn is_stopped(&self) -> bool {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(status.state, ProjectionState::Stopped { .. })
    }

    fn save_checkpoint(&mut self, store: &Store) -> Result<(), StorageError> {
        if self.checkpoint < self.position && !store.is_read_only() {
            let index = &store.readable()?.index;
            let reached = checkpoint(self.position);
            index.write(|rows: &mut RowWriter<'_, '_>| rows.set_checkpoint(P::NAME, &reached))?;
            self.checkpoint = self.position;
        }
        Ok(())
    }
}

impl<P: Projection> Runner for ProjectionRunner<P> {
    fn advance(&mut self, store: &Store, target: Position) -> Result<bool, StorageError> {
        if self.is_stopped() || self.position >= target {
            return Ok(false);
        }
        let end = self.position.plus(BATCH_EVENTS).min(target);
        self.position = match P::HOME {
            Home::Tables => self.advance_tables(store, end)?,
            Home::Memory | Home::Elsewhere => self.advance_memory(store, end)?,
        };
        match P::HOME {
            Home::Tables => self.checkpoint = self.position,
            Home::Elsewhere => self.save_checkpoint(store)?,
            Home::Memory => {}
        }
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .position = self.position;
        Ok(self.position < target && !self.is_stopped())
    }

    fn rest(&mut self, store: &Store) -> Result<(), StorageError> {
        self.save_checkpoint(store)
    }
}

/// What has become of an event.
enum Seen {
    /// It was handled, or is no business of the projection.
    Handled,
    Skipped,
}

/// What ends a transaction early.
enum Failure {
    Stopped(Stop),
    Storage(StorageError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

fn checkpoint(position: Position) -> Checkpoint {
    Checkpoint {
        position,
        note: Vec::new(),
    }
}

/// A handler that panics stops its projection, not the processor.
fn handle<P: Projection>(
    projection: &mut P,
    event: &RecordedEvent<'_>,
    tables: &mut Tables<'_>,
) -> Result<(), HandlerError> {
    unless_it_panics(|| projection.handle(event, tables))
}

fn unless_it_panics(handle: impl FnOnce() -> Result<(), HandlerError>) -> Result<(), HandlerError> {
    catch_unwind(AssertUnwindSafe(handle))
        .unwrap_or_else(|panic| Err(HandlerError::Panicked(panic_message(panic.as_ref()))))
}
