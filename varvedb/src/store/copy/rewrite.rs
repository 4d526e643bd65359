//! What becomes of one event.

use std::error::Error;
use std::sync::Arc;

use uuid::Uuid;

use crate::codec::{Event, EventSchema, Owners, Schema, Scratch};
use crate::event::{Metadata, RecordedEvent, TypeName, type_hash};
use crate::stream::StreamId;

const NOTHING_NEW_IS_SEALED: &str = "it has personal data, and a copy seals nothing anew: keep the event as it is, \
     which stays sealed under the same keys";

/// Why a function could not decide on an event.
pub type RewriteError = Box<dyn Error + Send + Sync>;

/// What becomes of an event in a copy of its store.
///
/// What is not said stays: stream, type, revision, layout, id, time, metadata and payload.
#[derive(Clone, Debug)]
#[must_use = "it is what the function answers"]
pub struct Rewrite {
    pub(super) fate: Fate,
    /// What it was decoded as.
    pub(super) read_as: Option<&'static [EventSchema]>,
}

#[derive(Clone, Debug)]
pub(super) enum Fate {
    Keep,
    Drop,
    /// It becomes these, in this order, within its commit.
    Change(Vec<Change>),
}

/// What an event has instead of what it had.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub(super) id: Option<Uuid>,
    pub(super) stream: Option<StreamId>,
    pub(super) type_name: Option<TypeName>,
    pub(super) revision: Option<u16>,
    pub(super) layout: Option<Arc<str>>,
    /// Of the revisions before its own, if it is typed.
    pub(super) older: &'static [Schema],
    pub(super) metadata: Option<Metadata>,
    pub(super) payload: Option<Vec<u8>>,
}

impl Rewrite {
    /// It stays as it is.
    pub fn keep() -> Self {
        Self::new(Fate::Keep)
    }

    /// It is left out. The events after it in its stream get lower versions.
    pub fn drop() -> Self {
        Self::new(Fate::Drop)
    }

    /// It is stored in the present revision of its type, for good. One that is [split](crate::Split)
    /// becomes several in its commit; the first has its id, the others have ids made from it.
    ///
    /// An event of a retired type, or of one that `E` does not have, is an error, and one that has sealed personal
    /// data, which is bound to its revision. So are events that the source has in layouts other than those of `E`,
    /// as they are when it opens.
    pub fn upcast<E: Event>(event: &RecordedEvent<'_>) -> Result<Self, RewriteError> {
        let scratch = Scratch::new();
        let mut changes = Vec::new();
        for view in E::decode(event, &scratch)? {
            let change = Change::to(&E::from_view(view))?;
            let id = part_id(event.meta().id(), changes.len());
            changes.push(Change { id, ..change });
        }
        Ok(Self {
            fate: Fate::Change(changes),
            read_as: Some(E::schemas()),
        })
    }

    /// It becomes this event, in its present revision and layout. In which stream it lies does not
    /// change, whatever the event's own id says.
    pub fn event<E: Event>(event: &E) -> Result<Self, RewriteError> {
        Ok(Self::new(Fate::Change(vec![Change::to(event)?])))
    }

    /// Gives it another type. Its layout stays that of its old one. Refused for an event with sealed personal
    /// data, which is bound to its type.
    pub fn with_type(self, name: &TypeName) -> Self {
        self.with(|change| change.type_name = Some(name.clone()))
    }

    /// Gives it another revision, in the same layout: after an [`upcast`](Self::upcast) of all events
    /// of a type, it may begin with revision 1 again, and the program forget the older ones. None may
    /// be left out before it. Refused for an event with sealed personal data, which is bound to its revision.
    pub fn with_revision(self, revision: u16) -> Self {
        self.with(|change| change.revision = Some(revision.max(1)))
    }

    /// Moves it to another stream, where it gets the next version. What is sealed in it stays about whom it was: it goes
    /// with a shred of that person, whoever the new stream is named after.
    pub fn with_stream(self, stream: &StreamId) -> Self {
        self.with(|change| change.stream = Some(stream.clone()))
    }

    /// Replaces all its metadata.
    pub fn with_metadata(self, metadata: &Metadata) -> Self {
        self.with(|change| change.metadata = Some(metadata.clone()))
    }

    /// Replaces its payload by bytes of the same layout, which is checked; for another layout there
    /// is [`event`](Self::event).
    pub fn with_payload(self, payload: impl AsRef<[u8]>) -> Self {
        self.with(|change| change.payload = Some(payload.as_ref().to_vec()))
    }

    /// Changes what it becomes; what is left out stays left out.
    fn with(self, change: impl Fn(&mut Change)) -> Self {
        let mut changes = match self.fate {
            Fate::Keep => vec![Change::default()],
            Fate::Drop => return self,
            Fate::Change(changes) => changes,
        };
        changes.iter_mut().for_each(change);
        Self {
            fate: Fate::Change(changes),
            ..self
        }
    }

    fn new(fate: Fate) -> Self {
        let read_as = None;
        Self { fate, read_as }
    }
}

/// The id of a part of an event, which is always the same; the first part has the event's own.
fn part_id(whole: Uuid, part: usize) -> Option<Uuid> {
    const RANDOM: u64 = u64::MAX >> 2;
    let (front, _) = whole.as_u64_pair();
    let back = type_hash(&format!("{whole}/{part}")) & RANDOM | !RANDOM & 1 << 63;
    (part > 0).then(|| Uuid::from_u64_pair(front, back))
}

impl Change {
    /// Whether the event is what it becomes.
    pub(super) fn keeps(&self, event: &RecordedEvent<'_>) -> bool {
        let meta = event.meta();
        let stream = self.stream.as_ref().map(StreamId::as_ref);
        let metadata = self.metadata.as_ref();
        self.id.is_none()
            && stream.is_none_or(|stream| stream == meta.stream())
            && (self.type_name.as_ref()).is_none_or(|name| name.as_str() == meta.type_name())
            && (self.revision).is_none_or(|revision| revision == meta.revision())
            && metadata.is_none_or(|metadata| *metadata == meta.metadata().to_metadata())
            && (self.payload.as_ref()).is_none_or(|payload| payload == event.payload())
    }

    fn to<E: Event>(event: &E) -> Result<Self, RewriteError> {
        let schema = E::schemas().get(event.schema_index());
        let schema = schema.ok_or("the event has no schema")?;
        let (layout, older) = schema
            .revisions
            .split_last()
            .ok_or("the event has no layout")?;
        let mut owners = Owners::new();
        event.owners(&mut owners)?;
        if !owners.as_slice().is_empty() {
            return Err(NOTHING_NEW_IS_SEALED.into());
        }
        let mut payload = Vec::new();
        event.encode(&mut payload)?;
        Ok(Self {
            type_name: Some(TypeName::new(schema.name)?),
            revision: Some(schema.current_revision()),
            layout: Some(layout.text().into()),
            older,
            payload: Some(payload),
            ..Self::default()
        })
    }
}
