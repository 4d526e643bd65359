//! Events: new ones on their way into the log, and recorded ones as they lie in it.

mod metadata;
mod type_name;

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

pub use self::metadata::{Metadata, MetadataError, MetadataRef};
pub use self::type_name::{TypeName, type_hash};
use crate::clock::Timestamp;
use crate::pii::{BoxContext, OpenBoxes};
use crate::position::{Position, Version};
use crate::stream::StreamRef;

/// An event that no store has accepted yet: a type name, opaque bytes and metadata.
///
/// This is the untyped floor on which tools, importers and other languages stand. With
/// `#[derive(VarveEvent)]` it is made for you.
///
/// ```
/// # use varvedb::{NewEvent, TypeName};
/// let lent = TypeName::new("book.lent")?;
/// let event = NewEvent::new(lent, *b"to a reader").with_actor("front desk");
/// # Ok::<_, varvedb::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an event is recorded by `Store::append`"]
pub struct NewEvent {
    pub(crate) type_name: TypeName,
    pub(crate) revision: u16,
    pub(crate) id: Option<Uuid>,
    pub(crate) metadata: Metadata,
    pub(crate) payload: Vec<u8>,
}

impl NewEvent {
    /// An event of revision 1 without metadata.
    pub fn new(type_name: TypeName, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            type_name,
            revision: 1,
            id: None,
            metadata: Metadata::default(),
            payload: payload.into(),
        }
    }

    /// Says which shape of its type the payload has; revisions count from 1, and 0 becomes 1.
    pub fn with_revision(mut self, revision: u16) -> Self {
        self.revision = revision.max(1);
        self
    }

    /// Gives the event an id of its own, for importers that keep one; without it the store makes
    /// a `UUIDv7`.
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Replaces all metadata.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Says who caused the event.
    pub fn with_actor(mut self, actor: impl Into<String>) -> Self {
        self.metadata.actor = Some(actor.into());
        self
    }
}

/// What is known of a recorded event besides its payload.
#[derive(Clone, Copy)]
pub struct Meta<'a> {
    pub(crate) position: Position,
    pub(crate) version: Version,
    pub(crate) stream: StreamRef<'a>,
    pub(crate) type_name: &'a str,
    pub(crate) type_hash: u64,
    pub(crate) revision: u16,
    pub(crate) id: Uuid,
    pub(crate) time: Timestamp,
    pub(crate) metadata: MetadataRef<'a>,
}

impl<'a> Meta<'a> {
    /// Its place in the log.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Its place in its stream.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The stream it belongs to.
    pub fn stream(&self) -> StreamRef<'a> {
        self.stream
    }

    /// The stable name of its type, such as `account.opened`.
    pub fn type_name(&self) -> &'a str {
        self.type_name
    }

    /// Which shape of its type the payload has.
    pub fn revision(&self) -> u16 {
        self.revision
    }

    /// Its id, a `UUIDv7` unless the writer gave another.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// When its commit was written. Never earlier than the commit before.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Who and why: correlation, causation, actor, and free keys and values.
    pub fn metadata(&self) -> MetadataRef<'a> {
        self.metadata
    }
}

impl fmt::Debug for Meta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("position", &self.position.get())
            .field("version", &self.version.get())
            .field("stream", &format_args!("{}", self.stream))
            .field("type_name", &self.type_name)
            .field("revision", &self.revision)
            .field("id", &self.id)
            .field("time", &self.time)
            .field("metadata", &self.metadata)
            .finish()
    }
}

/// An event that the store has accepted, borrowed from where it lies.
#[derive(Clone, Copy)]
pub struct RecordedEvent<'a> {
    pub(crate) meta: Meta<'a>,
    pub(crate) payload: &'a [u8],
    /// What opens the boxes of personal data in it; `None` without a key vault.
    pub(crate) boxes: Boxes<'a>,
}

/// The key vault, as what is read carries it along.
pub(crate) type Boxes<'a> = Option<&'a Arc<dyn OpenBoxes>>;

impl<'a> RecordedEvent<'a> {
    /// Everything but the payload.
    pub fn meta(&self) -> &Meta<'a> {
        &self.meta
    }

    /// The bytes that were appended.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// What opens the boxes of personal data in it.
    pub(crate) fn boxes(&self) -> Boxes<'a> {
        self.boxes
    }

    /// What its `number`-th box is bound to.
    pub(crate) fn box_context(&self, number: u8) -> BoxContext {
        let Meta {
            id,
            type_hash,
            revision,
            ..
        } = self.meta;
        BoxContext {
            number,
            ..BoxContext::of_event(id, type_hash, revision)
        }
    }

    /// See [`Meta::position`].
    pub fn position(&self) -> Position {
        self.meta.position
    }

    /// See [`Meta::version`].
    pub fn version(&self) -> Version {
        self.meta.version
    }

    /// See [`Meta::stream`].
    pub fn stream(&self) -> StreamRef<'a> {
        self.meta.stream
    }

    /// See [`Meta::type_name`].
    pub fn type_name(&self) -> &'a str {
        self.meta.type_name
    }
}

impl fmt::Debug for RecordedEvent<'_> {
    /// Shows everything but the payload, which may be long and may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedEvent")
            .field("meta", &self.meta)
            .field("payload_bytes", &self.payload.len())
            .finish()
    }
}

/// [`recorded_hash`] under the present name, for an event that was recorded under a former one.
#[inline]
pub fn present_hash(event: &RecordedEvent<'_>, names: &[(u64, &[u64])]) -> u64 {
    let hash = recorded_hash(event);
    let renamed = names.iter().find(|(_, former)| former.contains(&hash));
    renamed.map_or(hash, |(present, _)| *present)
}

/// What generated code matches on: [`type_hash`] of the event's type.
pub fn recorded_hash(event: &RecordedEvent<'_>) -> u64 {
    event.meta.type_hash
}
