//! Records of the log, with names put to their numbers.

#![expect(
    clippy::inline_always,
    reason = "measured: a record is large, and to return it from call to call took a third of a scan"
)]

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::event::{Boxes, Meta, Metadata, RecordedEvent, TypeName};
use crate::log::{Record, Snapshot};
use crate::position::{Position, Version};
use crate::store::names::Names;
use crate::stream::{StreamId, StreamRef};

/// The event in a record of this snapshot. A number without a name is damage.
#[inline(always)]
pub(in crate::store) fn recorded<'a>(
    log: &Snapshot,
    record: &Record<'a>,
    names: &'a Names,
    boxes: Boxes<'a>,
) -> Result<RecordedEvent<'a>, StorageError> {
    let category = names.category(record.category);
    let category =
        category.ok_or_else(|| log.damaged(record, "the record's category was never defined"))?;
    let event_type = names.event_type(record.type_id);
    let event_type = event_type
        .ok_or_else(|| log.damaged(record, "the record's event type was never defined"))?;
    Ok(RecordedEvent {
        meta: Meta {
            position: record.position,
            version: record.version,
            stream: StreamRef {
                category: &category.name,
                key: record.key,
            },
            type_name: &event_type.name,
            type_hash: event_type.hash,
            revision: record.revision,
            id: record.id,
            time: record.time,
            metadata: record.metadata,
        },
        payload: record.payload,
        boxes,
    })
}

/// A recorded event that owns its parts, for whoever wants to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedEventBuf {
    /// See [`Meta::position`].
    pub position: Position,
    /// See [`Meta::version`].
    pub version: Version,
    /// See [`Meta::stream`].
    pub stream: StreamId,
    /// See [`Meta::type_name`].
    pub type_name: TypeName,
    /// See [`Meta::revision`].
    pub revision: u16,
    /// See [`Meta::id`].
    pub id: Uuid,
    /// See [`Meta::time`].
    pub time: Timestamp,
    /// See [`Meta::metadata`].
    pub metadata: Metadata,
    /// See [`RecordedEvent::payload`].
    pub payload: Vec<u8>,
}

impl From<&RecordedEvent<'_>> for RecordedEventBuf {
    fn from(event: &RecordedEvent<'_>) -> Self {
        let meta = event.meta();
        Self {
            position: meta.position,
            version: meta.version,
            stream: meta.stream.to_stream_id(),
            type_name: TypeName::from_checked(meta.type_name),
            revision: meta.revision,
            id: meta.id,
            time: meta.time,
            metadata: meta.metadata.to_metadata(),
            payload: event.payload.to_vec(),
        }
    }
}
