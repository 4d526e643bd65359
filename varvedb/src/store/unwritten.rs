//! A commit on its way to the writer: what was asked for, encoded, and what the writer decides of it.

mod spare;

use std::sync::Arc;

use smallvec::SmallVec;
use uuid::{NoContext, Uuid};

use super::append::{AppendError, Durability};
use super::expected::ExpectedVersion;
use super::names::Names;
use crate::clock::Timestamp;
use crate::codec::OPAQUE;
use crate::event::{Metadata, MetadataError, NewEvent, TypeName};
use crate::index::StreamName;
use crate::log::{Draft, LayError, event_id};
use crate::pii::{BoxOwner, KeyId};
use crate::position::{Position, Version};
use crate::stream::{KeyRef, NameError, StreamId};

/// A commit that has not been written. Numbers and versions stand in it once they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unwritten {
    pub(crate) streams: SmallVec<[StreamAppend; 1]>,
    pub(crate) types: SmallVec<[EventType; 1]>,
    pub(crate) draft: Draft,
    pub(crate) durability: Durability,
    /// The id of its first event, where that was decided before the writer got it.
    pub(crate) id: Option<Uuid>,
    /// The data keys under which its events are sealed, each with its owner.
    pub(crate) keys: Vec<(KeyId, BoxOwner)>,
    /// Set for a commit that another store has written before.
    pub(crate) import: Option<Import>,
    /// Whether the store itself writes it: nobody else may append to its own streams.
    is_of_the_store: bool,
    /// The first event that cannot be stored.
    mistake: Option<Box<AppendError>>,
}

/// What a commit that comes from another store has instead of what the writer gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    /// Where its first event must lie. Elsewhere the commit is not written and nobody is answered:
    /// one before it was refused.
    pub(crate) first: Position,
    pub(crate) time: Timestamp,
}

/// Events of a commit that go to one stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamAppend {
    pub(crate) stream: StreamId,
    pub(crate) expected: ExpectedVersion,
    /// How many events.
    pub(crate) events: u32,
    /// The stream as the index calls it, once its category has a number.
    pub(crate) name: Option<StreamName>,
    /// The version that the index had when the commit was taken out of the queue; none where the name had
    /// no number yet, or the index could not be read.
    pub(crate) found: Option<Version>,
    /// The version of the first event, once that is decided.
    pub(crate) first_version: Version,
}

impl StreamAppend {
    /// The version of its last event, once it is admitted.
    pub(crate) fn last_version(&self) -> Version {
        Version::new(self.first_version.get().saturating_sub(1)).plus(self.events.into())
    }
}

/// A type of events in a commit, in one of its shapes.
#[derive(Clone, Debug)]
pub(crate) struct EventType {
    pub(crate) name: TypeName,
    pub(crate) revision: u16,
    /// What the store does not have to know yet, if the commit brings it along.
    pub(crate) layout: Option<Arc<str>>,
    /// What stands for it in the log, once the store has a number for it and knows its layout.
    pub(crate) number: Option<u32>,
}

impl EventType {
    /// What is recorded as its layout where the store has none.
    pub(crate) fn layout(&self) -> &str {
        self.layout.as_deref().unwrap_or(OPAQUE)
    }
}

/// With this the categories begin that belong to the store itself.
const RESERVED: &str = "varve_";

/// Types are looked for among the last so many; a type that is listed twice does no harm.
const RECENT_TYPES: usize = 8;

impl Unwritten {
    /// A commit without events.
    pub(crate) fn new() -> Box<Self> {
        spare::take()
    }

    /// Adds events for a stream, in order behind what was added before.
    pub(crate) fn append(
        &mut self,
        stream: StreamId,
        expected: ExpectedVersion,
        events: impl IntoIterator<Item = NewEvent>,
    ) {
        self.begin(stream, expected);
        for event in events {
            if let Err(mistake) = self.push_event(event) {
                self.mistake.get_or_insert_with(|| Box::new(mistake));
            }
        }
    }

    /// Lets go of a commit that was written, all but its memory.
    pub(crate) fn recycle(self: Box<Self>) {
        spare::keep(self);
    }

    /// Makes it a commit without events.
    fn clear(&mut self) {
        let Self {
            streams,
            types,
            draft,
            durability,
            id,
            keys,
            import,
            is_of_the_store,
            mistake,
        } = self;
        streams.clear();
        types.clear();
        draft.clear();
        // Made anew for each commit that has any.
        *keys = Vec::new();
        (*durability, *id, *import) = (Durability::default(), None, None);
        (*is_of_the_store, *mistake) = (false, None);
    }

    /// A commit by which the store itself writes something down.
    pub(crate) fn of_the_store() -> Box<Self> {
        let mut commit = Self::new();
        commit.is_of_the_store = true;
        commit
    }

    /// What is pushed from here on goes to this stream.
    pub(crate) fn begin(&mut self, stream: StreamId, expected: ExpectedVersion) {
        self.streams.push(StreamAppend {
            stream,
            expected,
            events: 0,
            name: None,
            found: None,
            first_version: Version::ZERO,
        });
    }

    /// Adds an event whose payload `encode` writes behind what is there.
    pub(crate) fn push<E: From<AppendError> + From<NameError>>(
        &mut self,
        (name, revision): (&str, u16),
        metadata: &Metadata,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let kind = match self.known_type(name, revision) {
            Some(kind) => kind,
            None => self.add_type(TypeName::new(name)?, revision),
        };
        let metadata = |out: &mut Vec<u8>| Ok(metadata.encode(None, out)?);
        let encode = |out: &mut Vec<u8>| encode(out).map_err(Mistake::Callers);
        let pushed = (self.draft).push(first_of(&self.streams), (kind, revision), metadata, encode);
        pushed.map_err(|mistake| match mistake {
            Mistake::Callers(error) => error,
            Mistake::Ours(error) => error.into(),
        })?;
        self.count();
        Ok(())
    }

    /// The id that the next event will have: it is known before the event is encoded, since its boxes are
    /// bound to it.
    pub(crate) fn next_event_id(&mut self, now: Timestamp) -> Uuid {
        let first = *self.id.get_or_insert_with(|| commit_id(now));
        event_id(first, self.draft.events() as u64)
    }

    /// Makes the commit what the writer takes: one that can be written, whatever is in the store, with
    /// numbers for all names that the store knows.
    ///
    /// To find them is the caller's work, since the writer has that of all callers. A name that is new
    /// or does not fit is left to it: only there is it known what came before.
    pub(crate) fn prepare(&mut self, names: &Names) -> Result<(), AppendError> {
        self.check()?;
        for append in &mut self.streams {
            let category = names.category_id(append.stream.category().as_str());
            let key = append.stream.key().as_ref();
            if let Some((category, _)) = category.filter(|(_, keys)| *keys == key.kind()) {
                append.name = Some(StreamName::new(category, key)?);
            }
        }
        for kind in &mut self.types {
            let number = names.type_id(kind.name.as_str()).ok().flatten();
            kind.number = number.filter(|id| names.schema(*id, kind.revision).is_some());
        }
        Ok(())
    }

    /// Whether every name has its number.
    pub(crate) fn is_numbered(&self) -> bool {
        self.streams.iter().all(|append| append.name.is_some())
            && self.types.iter().all(|kind| kind.number.is_some())
    }

    /// Says why the commit cannot be written, whatever is in the store.
    fn check(&self) -> Result<(), AppendError> {
        if let Some(mistake) = &self.mistake {
            return Err(AppendError::clone(mistake));
        }
        let is_empty = |append: &StreamAppend| append.events == 0;
        if self.streams.is_empty() || self.streams.iter().any(is_empty) {
            return Err(AppendError::Empty);
        }
        self.check_category()
    }

    /// The store's own streams are written by the store, and by a copy of it.
    fn check_category(&self) -> Result<(), AppendError> {
        if self.is_of_the_store || self.import.is_some() {
            return Ok(());
        }
        let mut categories = self.streams.iter().map(|append| append.stream.category());
        match categories.find(|category| category.as_str().starts_with(RESERVED)) {
            Some(category) => Err(AppendError::Reserved {
                category: category.as_str().to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Adds an event of another store, with the layout that it has there.
    pub(crate) fn push_imported(
        &mut self,
        event: NewEvent,
        layout: &Arc<str>,
    ) -> Result<(), AppendError> {
        let known = self.types.len();
        self.push_event(event)?;
        if let Some(new) = self.types.get_mut(known) {
            new.layout = Some(Arc::clone(layout));
        }
        Ok(())
    }

    /// Brings along the layout of a type that no event of the commit has.
    pub(crate) fn bring_layout(&mut self, name: &TypeName, revision: u16, layout: Arc<str>) {
        self.types.push(EventType {
            name: name.clone(),
            revision,
            layout: Some(layout),
            number: None,
        });
    }

    fn push_event(&mut self, event: NewEvent) -> Result<(), AppendError> {
        let NewEvent {
            type_name,
            revision,
            id,
            metadata,
            payload,
        } = event;
        let kind = match self.known_type(type_name.as_str(), revision) {
            Some(kind) => kind,
            None => self.add_type(type_name, revision),
        };
        let metadata = |out: &mut Vec<u8>| Ok(metadata.encode(id, out)?);
        let encode = |out: &mut Vec<u8>| {
            out.extend_from_slice(&payload);
            Ok::<_, AppendError>(())
        };
        (self.draft).push(first_of(&self.streams), (kind, revision), metadata, encode)?;
        self.count();
        Ok(())
    }

    fn count(&mut self) {
        if let Some(append) = self.streams.last_mut() {
            append.events += 1;
        }
    }

    fn known_type(&self, name: &str, revision: u16) -> Option<u32> {
        let first = self.types.len().saturating_sub(RECENT_TYPES);
        let recent = self.types.get(first..).unwrap_or_default();
        let same = |known: &EventType| known.revision == revision && known.name.as_str() == name;
        let index = first + recent.iter().rposition(same)?;
        u32::try_from(index).ok()
    }

    fn add_type(&mut self, name: TypeName, revision: u16) -> u32 {
        self.types.push(EventType {
            name,
            revision,
            layout: None,
            number: None,
        });
        u32::try_from(self.types.len() - 1).unwrap_or(u32::MAX)
    }
}

/// The id of a commit's first event; the others count on from it.
pub(crate) fn commit_id(time: Timestamp) -> Uuid {
    let micros = u64::try_from(time.as_micros()).unwrap_or(0);
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(
        NoContext,
        micros / 1_000_000,
        nanos,
    ))
}

/// The key of the last stream, if it has no events yet.
fn first_of(streams: &[StreamAppend]) -> Option<KeyRef<'_>> {
    let last = streams.last()?;
    (last.events == 0).then(|| last.stream.key().as_ref())
}

/// Why an event was not taken: because of what the caller did while it was encoded, or of ours.
enum Mistake<E> {
    Callers(E),
    Ours(AppendError),
}

impl<E> From<LayError> for Mistake<E> {
    fn from(error: LayError) -> Self {
        Self::Ours(error.into())
    }
}

impl<E> From<MetadataError> for Mistake<E> {
    fn from(error: MetadataError) -> Self {
        Self::Ours(error.into())
    }
}
