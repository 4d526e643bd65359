//! A root: one aggregate in memory, and what it has decided since it was loaded.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::{Aggregate, Command, IdFor, Rejected};
use crate::clock::Clock;
use crate::codec::{Event, EventSchema};
use crate::event::{Meta, MetadataRef, type_hash};
use crate::position::{Position, Version};
use crate::stream::{Key, KeyRef, StreamRef};

/// A loaded aggregate: its state, its version, and the events it has decided since.
///
/// There is no `Deref` to the state on purpose: with it, `account.deposit(5)` without the commands
/// trait in scope would call the pure method and drop its event.
pub struct Root<A: Aggregate> {
    id: A::Id,
    version: Version,
    /// The version of its newest snapshot, as far as it knows; 0 for none.
    snapshot_version: Version,
    replayed: u64,
    skipped: u64,
    state: Option<A>,
    uncommitted: Vec<A::Event>,
    clock: Arc<dyn Clock>,
}

impl<A: Aggregate> Root<A> {
    /// A root whose stream has no events yet.
    pub(crate) fn fresh(id: A::Id, clock: Arc<dyn Clock>) -> Self {
        Self {
            id,
            version: Version::ZERO,
            snapshot_version: Version::ZERO,
            replayed: 0,
            skipped: 0,
            state: None,
            uncommitted: Vec::new(),
            clock,
        }
    }

    /// What it is called.
    pub fn id(&self) -> &A::Id {
        &self.id
    }

    /// How many events its stream held when it was loaded or last saved.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How many events the load replayed: all of its stream or, from a snapshot, those after it.
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    /// How many events the load met, but passed over, because their type is retired
    /// (`#[varve(retired(".."))]`), or because the program does not know them and the repository skips such
    /// ([`Repository::with_unknown`](crate::Repository::with_unknown)). They count in [`version`](Self::version), not in
    /// [`replayed`](Self::replayed); those before a snapshot are not met.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Its state, with everything it has decided; `None` before the event that creates it.
    pub fn get(&self) -> Option<&A> {
        self.state.as_ref()
    }

    /// Its state, with everything it has decided.
    ///
    /// # Panics
    ///
    /// When nothing has created it yet: a root from `fresh` before its first command. A root from
    /// `load` always has a state.
    pub fn state(&self) -> &A {
        match &self.state {
            Some(state) => state,
            None => panic!(
                "{} {:?} has no state before the command that creates it; use `Root::get`",
                A::NAME,
                self.id
            ),
        }
    }

    /// What it has decided since it was loaded or last saved.
    pub fn uncommitted(&self) -> &[A::Event] {
        &self.uncommitted
    }

    /// Decides, and records the events for the next save.
    ///
    /// Takes the generated enum (`AccountCommand::Deposit { .. }`) or a closure over the state
    /// (`|account: &Account| account.deposit(5)`). After a refusal the root is as it was.
    pub fn execute(&mut self, command: impl Command<A>) -> Result<(), Rejected<A::Error>> {
        let events = command.decide(self.state.as_ref())?;
        for event in &events {
            self.check_stream(event)?;
        }
        for event in events {
            self.apply_uncommitted(&event)?;
            self.uncommitted.push(event);
        }
        Ok(())
    }

    /// Takes a recorded event, or one part of it, into the state.
    pub(crate) fn apply_recorded(
        &mut self,
        view: <A::Event as Event>::View<'_>,
        meta: &Meta<'_>,
    ) -> Result<(), super::NotCreated> {
        A::apply(&mut self.state, view, meta)
    }

    /// The state, to take a shred into it.
    pub(crate) fn state_mut(&mut self) -> Option<&mut A> {
        self.state.as_mut()
    }

    /// Takes note that a recorded event was applied, with all its parts.
    pub(crate) fn applied_recorded(&mut self, meta: &Meta<'_>) {
        self.version = meta.version();
        self.replayed += 1;
    }

    /// Takes note of a recorded event that changes nothing.
    pub(crate) fn skip_recorded(&mut self, meta: &Meta<'_>) {
        self.version = meta.version();
        self.skipped += 1;
    }

    /// Starts from a snapshot at this version.
    pub(crate) fn restore(&mut self, state: A, version: Version) {
        self.state = Some(state);
        self.version = version;
        self.snapshot_version = version;
    }

    /// The version of its newest snapshot; 0 for none.
    pub(crate) fn snapshot_version(&self) -> Version {
        self.snapshot_version
    }

    /// Notes the version of its newest snapshot.
    pub(crate) fn snapshot_is_at(&mut self, version: Version) {
        self.snapshot_version = version;
    }

    /// How many recorded events its newest snapshot does not have.
    pub(crate) fn since_snapshot(&self) -> u64 {
        self.version
            .get()
            .saturating_sub(self.snapshot_version.get())
    }

    /// Forgets what was decided, because the store has it now.
    pub(crate) fn committed(&mut self) {
        self.version = self.version.plus(self.uncommitted.len() as u64);
        self.uncommitted.clear();
    }

    fn check_stream(&self, event: &A::Event) -> Result<(), Rejected<A::Error>> {
        match event.stream_id() {
            Some(own) if !own.names(&self.id) => Err(Rejected::OtherStream {
                event: own.describe(),
                root: format!("{:?}", self.id),
            }),
            _ => Ok(()),
        }
    }

    /// The handlers see an event that is not recorded yet with position 0, a nil id, and the
    /// current time.
    fn apply_uncommitted(&mut self, event: &A::Event) -> Result<(), Rejected<A::Error>> {
        let schema = A::Event::schemas().get(event.schema_index());
        let type_name = schema.map_or("", |schema| schema.name);
        let key = crate::stream::StreamKey::to_key(&self.id).ok();
        let meta = Meta {
            position: Position::ZERO,
            version: self.version.plus(self.uncommitted.len() as u64).next(),
            stream: StreamRef {
                category: A::Event::CATEGORY,
                key: key.as_ref().map_or(KeyRef::Number(0), Key::as_ref),
            },
            type_name,
            type_hash: type_hash(type_name),
            revision: schema.map_or(1, EventSchema::current_revision),
            id: Uuid::nil(),
            time: self.clock.now(),
            metadata: MetadataRef::default(),
        };
        A::apply(&mut self.state, event.view(), &meta).map_err(|_| Rejected::NotCreated)
    }
}

impl<A: Aggregate + fmt::Debug> fmt::Debug for Root<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("id", &self.id)
            .field("version", &self.version.get())
            .field("state", &self.state)
            .field("uncommitted", &self.uncommitted.len())
            .finish_non_exhaustive()
    }
}
