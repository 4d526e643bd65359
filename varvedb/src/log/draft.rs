//! A commit on its way into the log, and the limits it has to keep.
//!
//! Whoever makes a commit encodes its records, on its own thread. What is left to the one writer is
//! what only it can know: positions, places, the numbers of names, and with them the checksums.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::log::fields::pad;
use crate::log::frame::{
    FrameHeader, FrameKind, MAX_EXTRAS_BYTES, MAX_PAYLOAD_BYTES, Name, RecordHeader, Salt, Seed,
};
use crate::position::{Place, Position, Version};
use crate::stream::{Key, KeyRef};

/// The records of one commit as they will lie in the log, but for what its writer adds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    records: Vec<u8>,
    events: usize,
    /// How many of the events begin a run.
    runs: usize,
}

/// Room for one small event, allocated at once.
const FIRST_BYTES: usize = 256;

/// A draft with all that the writer has to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Laying<'a, Streams> {
    /// The id of the first event; the next ones count on from it.
    pub(crate) id: Uuid,
    pub(crate) time: Timestamp,
    pub(crate) draft: &'a Draft,
    /// The number of each of the draft's types.
    pub(crate) types: &'a [u32],
    /// To which streams its events go, one stream after another.
    pub(crate) streams: Streams,
}

/// Events that go to one stream, one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DraftStream<'a> {
    pub(crate) category: u32,
    pub(crate) key: KeyRef<'a>,
    /// The version of the first of the events.
    pub(crate) first_version: Version,
    pub(crate) events: u32,
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
    #[error("a commit of {bytes} bytes, at most {max} are stored; split it into several")]
    Commit { bytes: usize, max: u32 },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How large the frame of a draft is, known to be within the limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    pub(super) records: u32,
    pub(super) len: u32,
}

impl Draft {
    /// Adds an event, of the `kind`-th of the commit's types. `begins` is the key of the stream that
    /// it goes to, if it is the first there: the next ones follow it. `metadata` and `payload` write
    /// their bytes behind those that are there; after an error the draft is as it was.
    pub(crate) fn push<E: From<LayError>>(
        &mut self,
        begins: Option<KeyRef<'_>>,
        (kind, revision): (u32, u16),
        metadata: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.records.len();
        let pushed = self.push_record(begins, (kind, revision), metadata, payload);
        match pushed {
            Ok(()) => {
                self.events += 1;
                self.runs += usize::from(begins.is_some());
            }
            Err(_) => self.records.truncate(start),
        }
        pushed
    }

    /// How many events it has.
    pub(crate) fn events(&self) -> usize {
        self.events
    }

    /// Makes it a draft without events, that has the memory.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        (self.events, self.runs) = (0, 0);
    }

    /// For how many bytes of records it has memory.
    pub(crate) fn capacity(&self) -> usize {
        self.records.capacity()
    }

    /// How many bytes its records take.
    pub(crate) fn bytes(&self) -> usize {
        self.records.len()
    }

    fn push_record<E: From<LayError>>(
        &mut self,
        begins: Option<KeyRef<'_>>,
        (kind, revision): (u32, u16),
        metadata: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let records = &mut self.records;
        let (bytes, max) = (records.len(), FrameHeader::MAX_FRAME_BYTES);
        if bytes > max as usize {
            // It cannot be laid; do not take ever more memory for it.
            return Err(LayError::Commit { bytes, max }.into());
        }
        if records.capacity() == 0 {
            records.reserve(FIRST_BYTES);
        }
        let start = records.len();
        records.extend_from_slice(&[0; RecordHeader::BYTES]);
        if let Some(key) = begins {
            Name::draft(key, records);
        }
        let extras = behind(records, metadata)?;
        let payload = behind(records, payload)?;
        let header = RecordHeader::drafted((kind, revision), extras, payload)?;
        if let Some(slot) = records.get_mut(start..) {
            header.put(slot);
        }
        Ok(())
    }
}

/// Lets `write` put bytes behind `out`, pads them, and says how many they are without padding.
fn behind<E>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<usize, E> {
    let start = out.len();
    write(out)?;
    let bytes = out.len() - start;
    pad(bytes, out);
    Ok(bytes)
}

impl RecordHeader {
    /// What can be said of a record before it is laid; its type is a number within its draft.
    fn drafted(
        (type_id, revision): (u32, u16),
        extras: usize,
        payload: usize,
    ) -> Result<Self, LayError> {
        if payload > MAX_PAYLOAD_BYTES {
            let (bytes, max) = (payload, MAX_PAYLOAD_BYTES);
            return Err(LayError::Payload { bytes, max });
        }
        if extras > MAX_EXTRAS_BYTES {
            let (bytes, max) = (extras, MAX_EXTRAS_BYTES);
            return Err(LayError::Metadata { bytes, max });
        }
        Ok(Self {
            checksum: 0,
            frame_back: 0,
            name_back: 0,
            version: Version::ZERO,
            type_id,
            revision,
            extras_units: u16::try_from(extras.div_ceil(16)).unwrap_or(u16::MAX),
            payload_len: u32::try_from(payload).unwrap_or(u32::MAX),
        })
    }
}

impl<'a, Streams: Iterator<Item = DraftStream<'a>> + Clone> Laying<'a, Streams> {
    /// Checks the commit against every limit, so that laying it can fail only with the log.
    pub(crate) fn check(&self) -> Result<(), LayError> {
        self.measure().map(drop)
    }

    /// How large the frame will be; checks the commit against every limit.
    pub(super) fn measure(&self) -> Result<Measure, LayError> {
        let (mut count, mut runs) = (0_u64, 0);
        for stream in self.streams.clone() {
            stream.check()?;
            count += u64::from(stream.events);
            runs += 1;
        }
        let events = self.draft.events;
        if count != events as u64 || runs != self.draft.runs {
            return Err(LayError::Stream);
        }
        let bytes = FrameHeader::BYTES.saturating_add(self.draft.bytes());
        let max = FrameHeader::MAX_FRAME_BYTES;
        let narrow = |n: usize| u32::try_from(n).map_err(|_| LayError::Commit { bytes, max });
        let records = u32::try_from(events).unwrap_or(u32::MAX);
        if !(1..=FrameHeader::MAX_RECORDS).contains(&records) {
            let (count, max) = (events, FrameHeader::MAX_RECORDS);
            return Err(LayError::Events { count, max });
        }
        let measure = Measure {
            records,
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
        let records = out.len();
        out.extend_from_slice(&self.draft.records);
        debug_assert_eq!(out.len() - start, header.len as usize, "as measured");
        let records = out.get_mut(records..).unwrap_or_default();
        self.complete((header.first, salt, place), records, placed);
    }

    /// Puts into each record what was not known when it was drafted.
    fn complete(
        &self,
        (mut position, salt, frame): (Position, Salt, Place),
        mut records: &mut [u8],
        placed: &mut Vec<Place>,
    ) {
        let mut frame_back = units(FrameHeader::BYTES);
        for stream in self.streams.clone() {
            let (mut name_back, mut version, mut name) = (0, stream.first_version, 0);
            let mut name_bytes = Name::len_of(stream.key);
            for _ in 0..stream.events {
                let Some(drafted) = RecordHeader::parse(records) else {
                    return;
                };
                let len = drafted.record_len(name_bytes);
                let Some((record, rest)) = records.split_at_mut_checked(len) else {
                    return;
                };
                let place = Place {
                    unit: frame.unit + frame_back,
                    ..frame
                };
                let completed = RecordHeader {
                    frame_back,
                    name_back,
                    version,
                    type_id: self.number(drafted.type_id),
                    ..drafted
                };
                completed.put(record);
                let own_name = RecordHeader::BYTES..RecordHeader::BYTES + name_bytes;
                if let Some(own) = record.get_mut(own_name).filter(|own| !own.is_empty()) {
                    name = Name::put_category(own, stream.category);
                }
                RecordHeader::sign(record, Seed::new(salt, place, position, name));
                placed.push(place);
                (records, name_bytes) = (rest, 0);
                frame_back += units(len);
                name_back += units(len);
                version = version.next();
                position = position.next();
            }
        }
    }

    fn number(&self, kind: u32) -> u32 {
        let kind = usize::try_from(kind).unwrap_or(usize::MAX);
        self.types.get(kind).copied().unwrap_or(u32::MAX)
    }
}

impl DraftStream<'_> {
    fn check(&self) -> Result<(), LayError> {
        let first = self.first_version.get();
        let last = first.checked_add(self.events.into());
        if first == 0 || last.is_none() || self.events == 0 {
            return Err(LayError::Stream);
        }
        match self.key {
            // The index refuses it, too, but then it would be too late: what is in the log stays.
            KeyRef::Text(text) if !Key::is_text(text) => Err(LayError::Key { bytes: text.len() }),
            _ => Ok(()),
        }
    }
}

/// Bytes within a frame as units of 16; a frame is far shorter than what fits.
fn units(bytes: usize) -> u32 {
    u32::try_from(bytes / 16).unwrap_or(u32::MAX)
}
