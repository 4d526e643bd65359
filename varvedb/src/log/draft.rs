//! A commit on its way into the log, and the limits it has to keep.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::event::MetadataRef;
use crate::log::fields::padding;
use crate::log::frame::{
    FrameHeader, FrameKind, MAX_EXTRAS_BYTES, MAX_PAYLOAD_BYTES, RecordHeader, Run, Salt, len_of,
};
use crate::position::{Place, Version};
use crate::stream::{Key, KeyRef};

/// The events of one commit, stream by stream, in the order of their positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    /// The id of the first event; the next ones count on from it.
    pub(crate) id: Uuid,
    pub(crate) time: Timestamp,
    pub(crate) streams: &'a [DraftStream<'a>],
}

/// Events that go to one stream, one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DraftStream<'a> {
    pub(crate) category: u32,
    pub(crate) key: KeyRef<'a>,
    /// The version of the first of the events.
    pub(crate) first_version: Version,
    pub(crate) events: &'a [DraftEvent<'a>],
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DraftEvent<'a> {
    pub(crate) type_id: u32,
    pub(crate) revision: u16,
    /// Encoded metadata.
    pub(crate) extras: &'a [u8],
    pub(crate) payload: &'a [u8],
}

/// A commit was not laid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayError {
    #[error("a commit has 1 to {max} events, this one has {count}")]
    Events { count: usize, max: u32 },
    #[error("a stream of a commit has at least one event, from version 1 on")]
    Stream,
    #[error("a stream key of {bytes} bytes, 1 to 200 are stored")]
    Key { bytes: usize },
    #[error("a payload of {bytes} bytes, at most {max} are stored")]
    Payload { bytes: usize, max: usize },
    #[error("metadata of {bytes} bytes, at most {max} are stored with an event")]
    Metadata { bytes: usize, max: usize },
    #[error("metadata that cannot be read back: {what}")]
    MetadataInvalid { what: &'static str },
    #[error("a commit of {bytes} bytes, at most {max} are stored; split it into several")]
    Commit { bytes: usize, max: u32 },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How large the frame of a draft is, known to be within the limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    pub(super) records: u32,
    pub(super) table: u32,
    pub(super) len: u32,
}

impl Draft<'_> {
    /// Checks the draft against every limit, so that laying it can fail only with the log.
    pub(crate) fn check(&self) -> Result<(), LayError> {
        self.measure().map(drop)
    }

    /// How large the frame will be; checks the draft against every limit.
    pub(super) fn measure(&self) -> Result<Measure, LayError> {
        let (mut count, mut table, mut records) = (0_usize, 0_usize, 0_usize);
        for stream in self.streams {
            stream.check()?;
            count += stream.events.len();
            table += Run::len_of(stream.key);
            for event in stream.events {
                event.check()?;
                records = records.saturating_add(len_of(event.extras.len(), event.payload.len()));
            }
        }
        let bytes = (FrameHeader::BYTES + table).saturating_add(records);
        let max = FrameHeader::MAX_FRAME_BYTES;
        let narrow = |n: usize| u32::try_from(n).map_err(|_| LayError::Commit { bytes, max });
        let events = u32::try_from(count).unwrap_or(u32::MAX);
        if !(1..=FrameHeader::MAX_RECORDS).contains(&events) {
            let max = FrameHeader::MAX_RECORDS;
            return Err(LayError::Events { count, max });
        }
        let measure = Measure {
            records: events,
            table: narrow(table)?,
            len: narrow(bytes)?,
        };
        if measure.len > max {
            return Err(LayError::Commit { bytes, max });
        }
        Ok(measure)
    }

    /// Writes the frame behind `out`, for `place`, and says where each record will be.
    pub(super) fn encode(
        &self,
        header: &FrameHeader,
        salt: Salt,
        place: Place,
        out: &mut Vec<u8>,
        placed: &mut Vec<Place>,
    ) {
        debug_assert_eq!(header.kind, FrameKind::Commit, "definitions have no draft");
        let start = out.len();
        out.extend_from_slice(&header.encode(salt, place));
        for stream in self.streams {
            Run::encode(stream.category, stream.key, stream.first_version, out);
        }
        let mut run_at = 0;
        let mut index = 0;
        for stream in self.streams {
            let run_len = Run::len_of(stream.key);
            let entry = start + FrameHeader::BYTES + run_at;
            let checksum = out.get(entry..entry + run_len).map_or(0, crc32c::crc32c);
            for (event, ordinal) in stream.events.iter().zip(0..) {
                let frame_back = units(out.len() - start);
                placed.push(Place {
                    unit: place.unit + frame_back,
                    ..place
                });
                let record = event.header(frame_back, index, units(run_at), ordinal);
                let position = header.first.plus(index.into());
                record.encode(checksum, position, event.extras, event.payload, out);
                index += 1;
            }
            run_at += run_len;
        }
        debug_assert_eq!(out.len() - start, header.len as usize, "as measured");
    }
}

impl DraftStream<'_> {
    fn check(&self) -> Result<(), LayError> {
        let first = self.first_version.get();
        let last = first.checked_add(self.events.len() as u64);
        if first == 0 || last.is_none() || self.events.is_empty() {
            return Err(LayError::Stream);
        }
        match self.key {
            // The index refuses it, too, but then it would be too late: what is in the log stays.
            KeyRef::Text(text) if !Key::is_text(text) => Err(LayError::Key { bytes: text.len() }),
            _ => Ok(()),
        }
    }
}

impl DraftEvent<'_> {
    fn check(&self) -> Result<(), LayError> {
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(LayError::Payload {
                bytes: self.payload.len(),
                max: MAX_PAYLOAD_BYTES,
            });
        }
        if self.extras.len() > MAX_EXTRAS_BYTES {
            return Err(LayError::Metadata {
                bytes: self.extras.len(),
                max: MAX_EXTRAS_BYTES,
            });
        }
        MetadataRef::check(self.extras).map_err(|what| LayError::MetadataInvalid { what })?;
        Ok(())
    }

    fn header(&self, frame_back: u32, index: u32, run: u32, ordinal: u32) -> RecordHeader {
        let extras = self.extras.len() + padding(self.extras.len());
        RecordHeader {
            frame_back,
            index,
            run,
            ordinal,
            type_id: self.type_id,
            revision: self.revision,
            extras_units: u16::try_from(extras / 16).unwrap_or(u16::MAX),
            payload_len: u32::try_from(self.payload.len()).unwrap_or(u32::MAX),
        }
    }
}

/// Bytes within a frame as units of 16; a frame is far shorter than what fits.
fn units(bytes: usize) -> u32 {
    u32::try_from(bytes / 16).unwrap_or(u32::MAX)
}
