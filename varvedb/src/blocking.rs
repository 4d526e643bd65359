//! The same words without `await`, for programs that are not async.
//!
//! Each call waits on the calling thread; no runtime is needed. The types of results, errors,
//! roots and reads are those of the crate's root.
//!
//! ```
#![doc = include_str!("../../examples/doc/light_switch.rs")]
//! # let dir = tempfile::tempdir()?;
//! use varvedb::blocking;
//!
//! let repo = blocking::Repository::new(&Store::open(dir.path().join("house.varve"))?);
//! let mut hall = repo.fresh::<Switch>(SwitchId(1));
//! hall.install(SwitchId(1))?;
//! repo.save(&mut hall)?;
//! assert_eq!(repo.load::<Switch>(SwitchId(1))?.version(), 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use std::future::IntoFuture;
use std::ops::Deref;
use std::path::Path;

use crate::aggregate::{Aggregate, AsOf, Command, ExecuteError, LoadError, Root, SaveError, Saved};
use crate::codec::{Event, Unknown};
use crate::error::StorageError;
use crate::event::{Metadata, NewEvent};
use crate::pii::Subject;
use crate::position::Position;
use crate::projection::{OnUnknown, ProcessorError, Projection, ProjectionStatus, ReadModel};
use crate::store::{
    AppendError, Appended, Durability, ExpectedVersion, NewCommit, OpenError, Reenroll,
    RegisterError, Shred, ShredError, ShredReceipt,
};
use crate::stream::StreamId;

/// A [`Store`](crate::Store) whose appends wait on the calling thread. Everything else is reached
/// through `Deref`.
#[derive(Clone, Debug)]
pub struct Store(crate::Store);

impl Store {
    /// See [`Store::open`](crate::Store::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        crate::Store::open(path).map(Self)
    }

    /// The same store, waiting.
    pub fn new(store: &crate::Store) -> Self {
        Self(store.clone())
    }

    /// See [`Store::append`](crate::Store::append).
    pub fn append(
        &self,
        stream: &StreamId,
        expected: impl Into<ExpectedVersion>,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Result<Appended, AppendError> {
        pollster::block_on(self.0.append(stream, expected, events))
    }

    /// See [`Store::commit`](crate::Store::commit).
    pub fn commit(&self, commit: NewCommit) -> Result<Appended, AppendError> {
        pollster::block_on(self.0.commit(commit))
    }

    /// See [`Store::sync`](crate::Store::sync).
    pub fn sync(&self) -> Result<(), StorageError> {
        pollster::block_on(self.0.sync())
    }

    /// See [`Store::register`](crate::Store::register).
    pub fn register<E: Event>(&self) -> Result<(), RegisterError> {
        pollster::block_on(self.0.register::<E>())
    }

    /// See [`Store::shred`](crate::Store::shred).
    pub fn shred(&self, subject: Subject) -> Waiting<Shred<'_>> {
        Waiting(self.0.shred(subject))
    }

    /// See [`Store::reenroll`](crate::Store::reenroll).
    pub fn reenroll(&self, subject: Subject) -> Waiting<Reenroll<'_>> {
        Waiting(self.0.reenroll(subject))
    }

    /// See [`Store::head_after`](crate::Store::head_after).
    pub fn head_after(&self, position: Position) -> Result<Position, StorageError> {
        pollster::block_on(self.0.head_after(position))
    }
}

impl Deref for Store {
    type Target = crate::Store;

    fn deref(&self) -> &crate::Store {
        &self.0
    }
}

/// Something that is asked of a store, and is done by [`run`](Self::run) on the calling thread.
#[derive(Clone, Debug)]
#[must_use = "nothing happens until `run`"]
pub struct Waiting<T>(T);

impl Waiting<Shred<'_>> {
    /// See [`Shred::purpose`].
    pub fn purpose(self, purpose: impl Into<String>) -> Self {
        Self(self.0.purpose(purpose))
    }

    /// See [`Shred::reason`].
    pub fn reason(self, reason: impl Into<String>) -> Self {
        Self(self.0.reason(reason))
    }

    /// Shreds.
    pub fn run(self) -> Result<ShredReceipt, ShredError> {
        pollster::block_on(self.0.into_future())
    }
}

impl Waiting<Reenroll<'_>> {
    /// See [`Reenroll::purpose`].
    pub fn purpose(self, purpose: impl Into<String>) -> Self {
        Self(self.0.purpose(purpose))
    }

    /// See [`Reenroll::reason`].
    pub fn reason(self, reason: impl Into<String>) -> Self {
        Self(self.0.reason(reason))
    }

    /// Enrols.
    pub fn run(self) -> Result<Position, ShredError> {
        pollster::block_on(self.0.into_future())
    }
}

/// A [`Repository`](crate::Repository) that waits on the calling thread.
#[derive(Clone, Debug)]
pub struct Repository(crate::Repository);

impl Repository {
    /// See [`Repository::new`](crate::Repository::new).
    pub fn new(store: &crate::Store) -> Self {
        Self(crate::Repository::new(store))
    }

    /// See [`Repository::with_metadata`](crate::Repository::with_metadata).
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self(self.0.with_metadata(metadata))
    }

    /// See [`Repository::with_durability`](crate::Repository::with_durability).
    #[must_use]
    pub fn with_durability(self, durability: Durability) -> Self {
        Self(self.0.with_durability(durability))
    }

    /// See [`Repository::with_retries`](crate::Repository::with_retries).
    #[must_use]
    pub fn with_retries(self, retries: usize) -> Self {
        Self(self.0.with_retries(retries))
    }

    /// See [`Repository::without_snapshots`](crate::Repository::without_snapshots).
    #[must_use]
    pub fn without_snapshots(self) -> Self {
        Self(self.0.without_snapshots())
    }

    /// See [`Repository::with_unknown`](crate::Repository::with_unknown).
    #[must_use]
    pub fn with_unknown(self, unknown: Unknown) -> Self {
        Self(self.0.with_unknown(unknown))
    }

    /// See [`Repository::store`](crate::Repository::store).
    pub fn store(&self) -> &crate::Store {
        self.0.store()
    }

    /// See [`Repository::fresh`](crate::Repository::fresh).
    pub fn fresh<A: Aggregate>(&self, id: A::Id) -> Root<A> {
        self.0.fresh(id)
    }

    /// See [`Repository::load`](crate::Repository::load).
    pub fn load<A: Aggregate>(&self, id: A::Id) -> Result<Root<A>, LoadError> {
        pollster::block_on(self.0.load(id))
    }

    /// See [`Repository::load_at`](crate::Repository::load_at).
    pub fn load_at<A: Aggregate>(
        &self,
        id: A::Id,
        as_of: impl Into<AsOf>,
    ) -> Result<Root<A>, LoadError> {
        pollster::block_on(self.0.load_at(id, as_of))
    }

    /// See [`Repository::save`](crate::Repository::save).
    pub fn save<A: Aggregate>(&self, root: &mut Root<A>) -> Result<Saved, SaveError> {
        pollster::block_on(self.0.save(root))
    }

    /// See [`Repository::execute`](crate::Repository::execute).
    pub fn execute<A: Aggregate>(
        &self,
        id: A::Id,
        command: impl Command<A> + Clone,
    ) -> Result<Saved, ExecuteError<A::Error>> {
        pollster::block_on(self.0.execute(id, command))
    }
}

/// A [`Processor`](crate::Processor) that waits on the calling thread.
#[derive(Debug)]
#[must_use = "a processor handles nothing until `catch_up` or `run`"]
pub struct Processor(crate::Processor);

impl Processor {
    /// See [`Processor::new`](crate::Processor::new).
    pub fn new(store: &crate::Store) -> Self {
        Self(crate::Processor::new(store))
    }

    /// See [`Processor::register`](crate::Processor::register).
    pub fn register<P: Projection>(
        &mut self,
        projection: P,
    ) -> Result<ReadModel<P>, ProcessorError> {
        self.0.register(projection)
    }

    /// See [`Processor::register_with`](crate::Processor::register_with).
    pub fn register_with<P: Projection>(
        &mut self,
        projection: P,
        on_unknown: OnUnknown<P>,
    ) -> Result<ReadModel<P>, ProcessorError> {
        self.0.register_with(projection, on_unknown)
    }

    /// See [`Processor::catch_up`](crate::Processor::catch_up).
    pub fn catch_up(&mut self) -> Result<Position, ProcessorError> {
        pollster::block_on(self.0.catch_up())
    }

    /// See [`Processor::run`](crate::Processor::run).
    pub fn run(&mut self) -> Result<(), ProcessorError> {
        pollster::block_on(self.0.run())
    }

    /// See [`Processor::statuses`](crate::Processor::statuses).
    pub fn statuses(&self) -> Vec<ProjectionStatus> {
        self.0.statuses()
    }
}
