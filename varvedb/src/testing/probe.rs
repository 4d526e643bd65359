//! Events that lie in no store: bytes as a recorded event, for whoever asks a decoder. Their boxes of personal
//! data are made up, too, and hide nothing.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::event::{Meta, MetadataRef, RecordedEvent, type_hash};
use crate::pii::MadeUpKeys;
use crate::position::{Position, Version};
use crate::stream::StreamRef;

/// A payload as if it had been recorded, the first of its stream and of the log.
pub(super) fn as_recorded<'a>(
    (type_name, revision): (&'a str, u16),
    stream: StreamRef<'a>,
    payload: &'a [u8],
) -> RecordedEvent<'a> {
    let meta = Meta {
        position: Position::new(1),
        version: Version::new(1),
        stream,
        type_name,
        type_hash: type_hash(type_name),
        revision,
        id: Uuid::nil(),
        time: Timestamp::from_micros(0),
        metadata: MetadataRef::default(),
    };
    RecordedEvent {
        meta,
        payload,
        boxes: Some(MadeUpKeys::shared()),
    }
}
