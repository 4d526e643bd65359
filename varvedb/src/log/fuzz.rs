//! Hostile bytes, as they may lie in a segment, led past the checksums to the code behind them.

use std::path::Path;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::log::draft::{Draft, DraftStream, LayError, Laying};
use crate::log::fields::Fields;
use crate::log::frame::{
    Expected, Frame, FrameHeader, FrameKind, Name, Record, RecordHeader, Salt, Seed,
    encode_definitions,
};
use crate::log::segment;
use crate::position::{Place, Position, Version};
use crate::stream::KeyRef;

const PLACE: Place = Place {
    segment: 1,
    unit: 4,
};

/// Reads arbitrary bytes as a segment, as hostile as they may be, and counts the frames that are
/// whole.
pub(crate) fn parse_segment(bytes: &[u8]) -> usize {
    let salt = Salt::new(Uuid::nil(), 1);
    let mut place = Place {
        segment: 1,
        unit: 0,
    };
    let mut whole = 0;
    while let Some(rest) = usize::try_from(place.offset())
        .ok()
        .and_then(|offset| bytes.get(offset..))
        .filter(|rest| !rest.is_empty())
    {
        let footer = segment::Footer::parse(rest, place.offset());
        let frame = Frame::open(Path::new(""), rest, salt, place);
        let verified = frame.and_then(|frame| frame.verify().map(|()| frame));
        place.unit = match (footer, verified) {
            (None, Ok(frame)) => {
                whole += 1;
                frame.end_place().unit
            }
            _ => place.unit.saturating_add(1),
        };
    }
    whole
}

/// Lays a frame, changes bytes of it, makes its checksums right again, and reads it in every way.
/// Every three bytes of `changes` are one change: where (two bytes) and what.
pub(crate) fn parse_signed(changes: &[u8]) -> usize {
    let salt = Salt::new(Uuid::nil(), 1);
    let is_commit = changes.first().is_none_or(|byte| byte & 1 == 0);
    let mut frame = if is_commit {
        commit(salt)
    } else {
        definitions(salt)
    };
    let mut fields = Fields::new(changes.get(1..).unwrap_or_default());
    while let (Some(at), Some(with)) = (fields.u16(), fields.u8()) {
        let len = frame.len().max(1);
        if let Some(byte) = frame.get_mut(usize::from(at) % len) {
            *byte ^= with;
        }
    }
    sign(&mut frame, salt, PLACE);
    read(&frame, salt)
}

fn read(bytes: &[u8], salt: Salt) -> usize {
    let Ok(frame) = Frame::open(Path::new(""), bytes, salt, PLACE) else {
        return 0;
    };
    let is_whole = frame.verify().is_ok();
    let records = frame.records().filter_map(Result::ok).count();
    let _ = (
        frame.definitions(),
        frame.end_place(),
        frame.last_position(),
    );
    let mut at = 0;
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::parse) {
        if let Some(name) = name_of(bytes, at, &header) {
            let expected = Expected {
                salt,
                place: Place {
                    unit: PLACE.unit + u32::try_from(at / 16).unwrap_or(0),
                    ..PLACE
                },
                position: frame.first_position(),
                name: &name,
            };
            let rest = bytes.get(at..).unwrap_or_default();
            let record = Record::parse(rest, &header, expected);
            let _ = record.map(|(record, _)| frame.complete(record));
        }
        at += 16;
    }
    usize::from(is_whole) + records
}

fn commit(salt: Salt) -> Vec<u8> {
    let uuid = Uuid::from_u128(4);
    let keys = [
        KeyRef::Number(5),
        KeyRef::Text("reader"),
        KeyRef::Uuid(&uuid),
    ];
    let (a, b, empty) = (&b"one"[..], &[7; 40][..], &b""[..]);
    let runs = [&[a, b, empty][..], &[a], &[a, b]];
    let mut draft = Draft::default();
    for (key, payloads) in keys.iter().zip(runs) {
        for (n, payload) in payloads.iter().enumerate() {
            let put = |bytes: &[u8], out: &mut Vec<u8>| {
                out.extend_from_slice(bytes);
                Ok(())
            };
            let pushed = draft.push::<LayError>(
                (n == 0).then_some(*key),
                (0, 1),
                |out| put(&[5, 1, 2, 0, b'k', b'v', b'w'], out),
                |out| put(payload, out),
            );
            if pushed.is_err() {
                return Vec::new();
            }
        }
    }
    let streams = keys.iter().zip(runs).map(|(key, payloads)| DraftStream {
        category: 1,
        key: *key,
        first_version: Version::new(9),
        events: u32::try_from(payloads.len()).unwrap_or(0),
    });
    let laying = Laying {
        id: Uuid::from_u128(1),
        time: Timestamp::from_micros(5),
        draft: &draft,
        types: &[3],
        streams,
    };
    let mut bytes = Vec::new();
    if let Ok(measure) = laying.measure() {
        let header = FrameHeader {
            kind: FrameKind::Commit,
            len: measure.len,
            first: Position::new(7),
            durable: Position::new(3),
            time: laying.time,
            records: measure.records,
            commit_id: laying.id,
        };
        laying.encode(&header, salt, PLACE, &mut bytes, &mut Vec::new());
    }
    bytes
}

fn definitions(salt: Salt) -> Vec<u8> {
    let mut text = Vec::new();
    let name = || "book".into();
    crate::definition::Definition::Type {
        id: 1,
        name: name(),
    }
    .encode(&mut text);
    let keys = crate::stream::KeyKind::Text;
    crate::definition::Definition::Category {
        id: 1,
        name: name(),
        keys,
    }
    .encode(&mut text);
    let mut body = Vec::new();
    encode_definitions(&text, &mut body);
    let header = FrameHeader {
        kind: FrameKind::Definitions,
        len: u32::try_from(FrameHeader::BYTES + body.len()).unwrap_or(0),
        first: Position::new(7),
        durable: Position::new(3),
        time: Timestamp::from_micros(5),
        records: 0,
        commit_id: Uuid::nil(),
    };
    let mut bytes = header.encode(salt, PLACE).to_vec();
    bytes.append(&mut body);
    bytes
}

/// Makes every checksum right that can be found in the frame, whatever its fields say.
pub(in crate::log) fn sign(frame: &mut [u8], salt: Salt, place: Place) {
    if FrameHeader::sign(frame, salt, place).is_none() {
        return;
    }
    if frame.get(4) == Some(&(FrameKind::Definitions as u8)) {
        if let Some((slot, covered)) = frame
            .get_mut(FrameHeader::BYTES..)
            .and_then(<[u8]>::split_first_chunk_mut::<4>)
        {
            *slot = crc32c::crc32c(covered).to_le_bytes();
        }
        return;
    }
    let first = frame.get(16..).and_then(<[u8]>::first_chunk::<8>);
    let mut position = Position::new(first.map_or(0, |bytes| u64::from_le_bytes(*bytes)));
    let mut at = FrameHeader::BYTES;
    while let Some(header) = frame.get(at..).and_then(RecordHeader::parse) {
        let name = name_of(frame, at, &header);
        let own = name.filter(|_| header.names_stream());
        let len = header.record_len(own.map_or(0, |name| name.len));
        let seed = Seed::new(
            salt,
            Place {
                unit: place.unit.wrapping_add(u32::try_from(at / 16).unwrap_or(0)),
                ..place
            },
            position,
            name.map_or(0, |name| name.checksum),
        );
        let record = at.checked_add(len).and_then(|end| frame.get_mut(at..end));
        let Some(record) = record else {
            return;
        };
        RecordHeader::sign(record, seed);
        at += len;
        position = position.next();
    }
}

/// The name that the record at this offset carries, or knows the way to.
fn name_of<'f>(frame: &'f [u8], at: usize, header: &RecordHeader) -> Option<Name<'f>> {
    let back = usize::try_from(header.name_back).ok()?.checked_mul(16)?;
    let named = frame.get(at.checked_sub(back)?..)?;
    Name::parse(named.get(RecordHeader::BYTES..)?).ok()
}
