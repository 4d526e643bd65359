//! The repository: loads aggregates by replay, saves what they decided, and does both around a
//! command.

mod error;
mod replay;

use std::fmt;
use std::time::SystemTime;

pub use self::error::{ExecuteError, LoadError, SaveError};
use super::{Aggregate, Command, Root};
use crate::clock::Timestamp;
use crate::codec::{Event, Owners, Sealer, Unknown};
use crate::event::{Metadata, RecordedEvent, type_hash};
use crate::index::LastEvent;
use crate::position::{Position, Version};
use crate::store::{Durability, ExpectedVersion, Store, Unwritten};
use crate::stream::{NameError, StreamId, StreamKey};
use crate::vault::DataKeys;

/// How often [`Repository::execute`] decides anew by default.
const RETRIES: usize = 10;

/// Loads and saves aggregates. Cheap to clone; every clone uses the same store.
///
/// The methods are `async`, but loading never suspends: it reads where the events lie. Programs
/// without a runtime use [`varvedb::blocking::Repository`](crate::blocking::Repository).
///
/// ```
#[doc = include_str!("../../../examples/doc/light_switch.rs")]
/// # pollster::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// let repo = Repository::new(&Store::open(dir.path().join("house.varve"))?);
///
/// let mut hall = repo.fresh::<Switch>(SwitchId(1));
/// hall.install(SwitchId(1))?;
/// hall.turn_on()?;
/// repo.save(&mut hall).await?;
///
/// let hall = repo.load::<Switch>(SwitchId(1)).await?;
/// assert!(hall.state().is_on);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Repository {
    store: Store,
    metadata: Metadata,
    durability: Durability,
    retries: usize,
    uses_snapshots: bool,
    unknown: Unknown,
}

impl Repository {
    /// A repository on this store.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            metadata: Metadata::default(),
            durability: Durability::default(),
            retries: RETRIES,
            uses_snapshots: true,
            unknown: Unknown::default(),
        }
    }

    /// The same repository, giving every event that it saves this metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The same repository, saving with this durability.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The same repository, deciding at most `retries` times anew in [`execute`](Self::execute).
    #[must_use]
    pub fn with_retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// The same repository, replaying every event and taking no snapshots: for whoever wants to see
    /// that replay says the same.
    #[must_use]
    pub fn without_snapshots(mut self) -> Self {
        self.uses_snapshots = false;
        self
    }

    /// The same repository, doing this with events whose type or revision the program does not know.
    ///
    /// By default they are an error. With [`Unknown::Skip`], loads pass them over and count them in
    /// [`Root::skipped`], and take no snapshot of what they have then. The state lacks what these events say, so
    /// this is for looking at it: a store that knows newer revisions of the aggregate's events refuses
    /// [`save`](Self::save) all the same. Where only types are unknown it saves, and commands decide without what
    /// those events say.
    #[must_use]
    pub fn with_unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// The store below.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Starts an aggregate that has no events yet. Nothing is read or written: if the stream
    /// exists after all, saving is a version conflict.
    pub fn fresh<A: Aggregate>(&self, id: A::Id) -> Root<A> {
        Root::fresh(id, self.store.clock())
    }

    /// Loads an aggregate by replaying its stream, or, where the aggregate asks for
    /// [snapshots](macro@crate::aggregate#snapshots), what follows the newest of them.
    ///
    /// An empty stream is [`LoadError::NotFound`].
    #[expect(clippy::unused_async, reason = "a store elsewhere will wait here")]
    pub async fn load<A: Aggregate>(&self, id: A::Id) -> Result<Root<A>, LoadError> {
        self.replay(id, AsOf::Now)
    }

    /// Loads an aggregate as it was: after so many events, at a moment, or at a position.
    ///
    /// [`LoadError::NotFound`] if it did not exist then. Saving what an older state decided is a
    /// version conflict.
    #[expect(clippy::unused_async, reason = "a store elsewhere will wait here")]
    pub async fn load_at<A: Aggregate>(
        &self,
        id: A::Id,
        as_of: impl Into<AsOf>,
    ) -> Result<Root<A>, LoadError> {
        self.replay(id, as_of.into())
    }

    /// Writes what the aggregate has decided since it was loaded, all or nothing.
    ///
    /// Saving twice writes once. After an error the root is as it was, so that it can be saved
    /// again or thrown away; after [`SaveError::Conflict`] load it again and decide anew, or leave
    /// that to [`execute`](Self::execute). Where these events ask for a snapshot, it also reads
    /// those since the last one, after the write. If the future is dropped before it is done, the events
    /// may be written or not, and saving again may conflict with them.
    pub async fn save<A: Aggregate>(&self, root: &mut Root<A>) -> Result<Saved, SaveError> {
        if root.uncommitted().is_empty() {
            let (events, position) = (0, Position::ZERO);
            return Ok(Saved {
                events,
                position,
                version: root.version(),
            });
        }
        self.store.register_all(A::Event::schemas()).await?;
        let commit = self.encode(root)?;
        let appended = self.store.write(commit).await?;
        let events = root.uncommitted().len();
        let asks_for_snapshot = self.asks_for_snapshot(root);
        root.committed();
        if asks_for_snapshot {
            self.refresh_snapshot(root);
        }
        Ok(Saved {
            events,
            position: appended.last_position,
            version: appended.version(),
        })
    }

    /// Loads, decides, saves; after a version conflict decides anew on the new state, at most
    /// [`with_retries`](Self::with_retries) times.
    ///
    /// A command that creates finds no state; any other finds none either when the stream is
    /// empty, and is rejected with [`Rejected::NotCreated`](super::Rejected::NotCreated).
    pub async fn execute<A: Aggregate>(
        &self,
        id: A::Id,
        command: impl Command<A> + Clone,
    ) -> Result<Saved, ExecuteError<A::Error>> {
        let mut attempt = 0;
        loop {
            let mut root = match self.load::<A>(id.clone()).await {
                Err(LoadError::NotFound { .. }) => self.fresh(id.clone()),
                loaded => loaded?,
            };
            root.execute(command.clone())?;
            match self.save(&mut root).await {
                Err(SaveError::Conflict(_)) if attempt < self.retries => attempt += 1,
                saved => return Ok(saved?),
            }
        }
    }

    /// Whether the events that were just written ask for a snapshot.
    fn asks_for_snapshot<A: Aggregate>(&self, root: &Root<A>) -> bool {
        let snapshots = A::snapshots().filter(|_| self.uses_snapshots);
        snapshots.is_some_and(|snapshots| {
            let saved = root.uncommitted();
            let since = root.since_snapshot() + saved.len() as u64;
            snapshots.policy().is_due_after_save(since, saved)
        })
    }

    fn encode<A: Aggregate>(&self, root: &Root<A>) -> Result<Box<Unwritten>, SaveError> {
        let expected = ExpectedVersion::Exact(root.version());
        let mut commit = Unwritten::new();
        commit.durability = self.durability;
        commit.begin(stream_id::<A>(root.id())?, expected);
        let keys = self.data_keys(root)?;
        if let Some(keys) = &keys {
            commit.keys = keys.ids();
        }
        for event in root.uncommitted() {
            let schema = A::Event::schemas().get(event.schema_index());
            let (name, revision) = schema.map_or(("", 1), |s| (s.name, s.current_revision()));
            let mut sealer = match &keys {
                Some(keys) => {
                    let id = commit.next_event_id(self.store.clock().now());
                    Sealer::of_event(keys, (id, type_hash(name), revision))
                }
                None => Sealer::none(),
            };
            commit.push((name, revision), &self.metadata, |payload| {
                let encoded = event.encode_sealed(&mut sealer, payload);
                encoded.map_err(|source| SaveError::Encode {
                    type_name: name,
                    reason: source.to_string(),
                })
            })?;
        }
        Ok(commit)
    }

    /// The data keys of all whose personal data is in the events that are to be saved; `None` where there is no
    /// such data.
    fn data_keys<A: Aggregate>(&self, root: &Root<A>) -> Result<Option<DataKeys>, SaveError> {
        if A::Event::PII_INVENTORY.is_empty() {
            return Ok(None);
        }
        let mut owners = Owners::new();
        for event in root.uncommitted() {
            event.owners(&mut owners)?;
        }
        Ok(self.store.data_keys(&owners)?)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// Up to which event [`Repository::load_at`] replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// All of them.
    Now,
    /// So many events of the stream.
    Version(Version),
    /// Events that were committed at this moment or before.
    Time(Timestamp),
    /// Events up to this position of the log.
    Position(Position),
}

impl AsOf {
    fn includes(self, event: &RecordedEvent<'_>) -> bool {
        match self {
            Self::Now => true,
            Self::Version(version) => event.version() <= version,
            Self::Time(time) => event.meta().time() <= time,
            Self::Position(position) => event.position() <= position,
        }
    }

    /// Whether everything up to this event is included.
    fn includes_last(self, last: &LastEvent) -> bool {
        match self {
            Self::Now => true,
            Self::Version(version) => last.version <= version,
            Self::Time(time) => last.time <= time,
            Self::Position(position) => last.position <= position,
        }
    }
}

impl From<Version> for AsOf {
    fn from(version: Version) -> Self {
        Self::Version(version)
    }
}

impl From<Position> for AsOf {
    fn from(position: Position) -> Self {
        Self::Position(position)
    }
}

impl From<Timestamp> for AsOf {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<SystemTime> for AsOf {
    fn from(time: SystemTime) -> Self {
        Self::Time(time.into())
    }
}

/// What a save has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// How many events; 0 when there was nothing to save.
    pub events: usize,
    /// The position of the last event; 0 when there was nothing to save. A projection whose
    /// checkpoint is there or beyond has seen it.
    pub position: Position,
    /// The version of the stream now.
    pub version: Version,
}

fn stream_id<A: Aggregate>(id: &A::Id) -> Result<StreamId, NameError> {
    StreamId::new(A::Event::CATEGORY, StreamKey::to_key(id)?)
}
