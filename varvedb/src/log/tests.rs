//! What the log promises, told on real files.

mod append;
mod bits;
mod damage;
mod follow;
mod hostile;
mod limits;
mod power;
mod recovery;
mod sealing;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::definition::Definition;
use crate::position::Version;
use crate::stream::{KeyKind, KeyRef};

const STORE: Uuid = Uuid::from_u128(7);

fn options() -> LogOptions {
    LogOptions {
        segment_bytes: 64 * 1024,
        store_id: STORE,
    }
}

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn segment(dir: &TempDir, number: u32) -> PathBuf {
    segment::path(dir.path(), number)
}

fn reopen(dir: &Path) -> Result<(Log, LogWriter, Recovery), StorageError> {
    open(dir, &options(), Start::default(), &mut |_| Ok(()))
}

/// An event: its metadata and its payload.
type Event<'a> = (&'a [u8], &'a [u8]);

/// A draft of events of one type, run by run.
fn draft_runs(runs: &[(KeyRef<'_>, &[Event<'_>])]) -> Result<Draft, LayError> {
    let mut draft = Draft::default();
    for (key, events) in runs {
        for (n, (extras, payload)) in events.iter().enumerate() {
            let put = |bytes: &[u8], out: &mut Vec<u8>| {
                out.extend_from_slice(bytes);
                Ok(())
            };
            draft.push::<LayError>(
                (n == 0).then_some(*key),
                (0, 1),
                |out| put(extras, out),
                |out| put(payload, out),
            )?;
        }
    }
    Ok(draft)
}

fn draft(key: KeyRef<'_>, events: &[Event<'_>]) -> Result<Draft, LayError> {
    draft_runs(&[(key, events)])
}

/// A draft that goes to one stream, as its beginning.
fn to_stream<'a>(
    draft: &'a Draft,
    key: KeyRef<'a>,
) -> Laying<'a, impl Iterator<Item = DraftStream<'a>> + Clone> {
    let stream = DraftStream {
        category: 1,
        key,
        first_version: Version::new(1),
        events: u32::try_from(draft.events()).unwrap(),
    };
    Laying {
        id: Uuid::from_u128(1 << 100),
        time: Timestamp::from_micros(1_000),
        draft,
        types: &[3],
        streams: std::iter::once(stream),
    }
}

/// Lays a commit of events with these payloads on one stream.
fn lay(writer: &mut LogWriter, payloads: &[&[u8]]) -> (Position, Vec<Place>) {
    let events: Vec<(&[u8], &[u8])> = payloads.iter().map(|p| (&b""[..], *p)).collect();
    let key = KeyRef::Text("reader");
    let draft = draft(key, &events).unwrap();
    let mut placed = Vec::new();
    let laid = writer.lay(&to_stream(&draft, key), &mut placed);
    (laid.unwrap().first, placed)
}

fn append(writer: &mut LogWriter, payloads: &[&[u8]]) -> (Position, Vec<Place>) {
    let laid = lay(writer, payloads);
    writer.flush(true).unwrap();
    laid
}

fn payloads(log: &Log) -> Vec<Vec<u8>> {
    let snapshot = log.snapshot();
    let mut all = Vec::new();
    for frame in snapshot.frames(None) {
        for record in frame.unwrap().records() {
            let record = record.unwrap();
            assert_eq!(record.position.get(), all.len() as u64 + 1);
            assert_eq!(record.payload.as_ptr().addr() % 16, 0);
            all.push(record.payload.to_vec());
        }
    }
    all
}

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

fn flip(path: &Path, offset: u64) {
    let byte = fs::read(path).unwrap()[usize::try_from(offset).unwrap()];
    overwrite(path, offset, &[byte ^ 0x10]);
}

/// A log of three commits, each durable before the next; where each begins, and the end.
fn three_commits(dir: &TempDir) -> Vec<u64> {
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut offsets = Vec::new();
    for payload in [&b"one"[..], b"two two two two two two", b"three"] {
        offsets.push(log.end().place.offset());
        append(&mut writer, &[payload, b"and more"]);
    }
    offsets.push(log.end().place.offset());
    offsets
}

/// A log of two segments, and the end of the frames of the first.
fn two_segments(dir: &TempDir) -> u64 {
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut end = 0;
    while log.end().place.segment == 1 {
        end = log.end().place.offset();
        append(&mut writer, &[&[1; 10_000]]);
    }
    end
}
