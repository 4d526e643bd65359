//! What the log promises, told on real files.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
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

/// Lays a commit of events with these payloads on one stream.
fn lay(writer: &mut LogWriter, payloads: &[&[u8]]) -> (Position, Vec<Place>) {
    let events: Vec<_> = payloads
        .iter()
        .map(|payload| DraftEvent {
            type_id: 3,
            revision: 1,
            extras: &[],
            payload,
        })
        .collect();
    let mut placed = Vec::new();
    let draft = Draft {
        id: Uuid::from_u128(1 << 100),
        time: Timestamp::from_micros(1_000),
        streams: &[DraftStream {
            category: 1,
            key: KeyRef::Text("reader"),
            first_version: Version::new(1),
            events: &events,
        }],
    };
    (writer.lay(&draft, &mut placed).unwrap().first, placed)
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

#[test]
fn what_was_appended_is_read_back_in_order_and_again_after_reopening() {
    let dir = dir();
    three_commits(&dir);
    let (log, mut writer, recovery) = reopen(dir.path()).unwrap();
    assert_eq!((recovery.frames, recovery.cut), (3, None));
    assert_eq!(append(&mut writer, &[b"four"]).0, 7);
    let all = payloads(&log);
    assert_eq!(
        (all.len(), &all[0][..], &all[6][..]),
        (7, &b"one"[..], &b"four"[..])
    );
}

#[test]
fn a_record_is_found_at_its_place_and_only_with_its_position() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let (first, places) = append(&mut writer, &[b"a", b"b", b"c"]);
    let snapshot = log.snapshot();
    let record = snapshot.record(places[2], first.plus(2)).unwrap();
    assert_eq!(
        (record.payload, record.version),
        (&b"c"[..], Version::new(3))
    );
    assert_eq!(record.key, KeyRef::Text("reader"));
    assert_eq!(record.id, Uuid::from_u128((1 << 100) + 2));
    assert!(snapshot.record(places[2], first).unwrap_err().is_corrupt());
    assert!(
        snapshot
            .record(log.end().place, first)
            .unwrap_err()
            .is_corrupt()
    );
}

#[test]
fn a_last_frame_torn_at_any_byte_is_cut_off_whole() {
    for garbage in [0, 0xA5] {
        let dir = dir();
        let offsets = three_commits(&dir);
        let (start, end) = (offsets[2], offsets[3]);
        let path = segment(&dir, 1);
        let whole = fs::read(&path).unwrap();
        for torn in start..end {
            let mut bytes = whole.clone();
            let tail = usize::try_from(torn).unwrap()..usize::try_from(end).unwrap();
            bytes[tail].fill(garbage);
            // Zeros where there were zeros tear nothing.
            let intact = bytes == whole;
            fs::write(&path, &bytes).unwrap();
            let (log, mut writer, recovery) = reopen(dir.path()).unwrap();
            assert_eq!(
                log.end().position,
                if intact { 6 } else { 4 },
                "torn at {torn}"
            );
            if let Some(cut) = recovery.cut {
                assert_eq!((cut.place.offset(), cut.position.get()), (start, 5));
            }
            append(&mut writer, &[b"new"]);
            drop(writer);
            let (log, ..) = reopen(dir.path()).unwrap();
            assert_eq!(payloads(&log).last().unwrap(), b"new");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_frame_that_was_durable_is_damage_there() {
    let dir = dir();
    let offsets = three_commits(&dir);
    let path = segment(&dir, 1);
    let records = [offsets[1] + 64 + 32, offsets[1] + 64 + 32 + 64];
    for at in offsets[1]..offsets[2] {
        flip(&path, at);
        let error = reopen(dir.path()).unwrap_err();
        let damage = error.damage().expect("damage");
        // A checksum of the stream table is that of the records it belongs to, so a flaw in the
        // table shows in the first of them.
        let (offset, position) = match at {
            _ if at >= records[1] => (records[1], 4),
            _ if at >= offsets[1] + 64 => (records[0], 3),
            _ => (offsets[1], 3),
        };
        assert_eq!(damage.path, path);
        assert!(
            damage.offset == offset || damage.offset == offsets[1],
            "{damage} for {at}"
        );
        assert_eq!(damage.position.unwrap(), position, "{damage} for {at}");
        flip(&path, at);
    }
    reopen(dir.path()).unwrap();
}

#[test]
fn a_flipped_bit_in_the_last_frame_cuts_that_frame_and_no_other() {
    let dir = dir();
    let offsets = three_commits(&dir);
    let path = segment(&dir, 1);
    let whole = fs::read(&path).unwrap();
    for at in offsets[2]..offsets[3] {
        fs::write(&path, &whole).unwrap();
        flip(&path, at);
        let (log, _, recovery) = reopen(dir.path()).unwrap();
        assert_eq!(log.end().position, 4);
        assert!(recovery.cut.is_some());
    }
}

#[test]
fn of_an_unsynced_group_nothing_comes_back_to_life_behind_a_torn_frame() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let torn = log.end().place.offset();
    lay(&mut writer, &[b"first"]);
    lay(&mut writer, &[b"second"]);
    writer.flush(false).unwrap();
    drop(writer);
    flip(&segment(&dir, 1), torn + 70);
    let (log, mut writer, recovery) = reopen(dir.path()).unwrap();
    assert_eq!(log.end().position, 0);
    assert!(recovery.cut.unwrap().bytes > 200);
    append(&mut writer, &[b"FIRST"]);
    drop(writer);
    let (log, ..) = reopen(dir.path()).unwrap();
    assert_eq!(payloads(&log), [b"FIRST"]);
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

#[test]
fn a_crash_at_any_step_of_sealing_loses_nothing() {
    let made = dir();
    let end = usize::try_from(two_segments(&made)).unwrap();
    let sealed = fs::read(segment(&made, 1)).unwrap();
    assert_eq!(sealed.len(), end + 64);
    let padded = |footer: usize| {
        let mut bytes = sealed[..end + footer].to_vec();
        bytes.resize(64 * 1024, 0);
        bytes
    };
    let mut firsts: Vec<_> = (0..=64).map(padded).collect();
    firsts.push(sealed.clone());
    for first in firsts {
        for second in [None, Some(0), Some(10), Some(64 * 1024)] {
            // The second file is created only after the first one is sealed and trimmed.
            if second.is_some() && first != sealed {
                continue;
            }
            let dir = dir();
            fs::write(segment(&dir, 1), &first).unwrap();
            if let Some(len) = second {
                fs::write(segment(&dir, 2), vec![0; len]).unwrap();
            }
            let (log, mut writer, _) = reopen(dir.path()).unwrap();
            let before = payloads(&log).len();
            assert_eq!(before, 6);
            append(&mut writer, &[&[2; 10_000]]);
            drop(writer);
            assert_eq!(payloads(&reopen(dir.path()).unwrap().0).len(), before + 1);
        }
    }
}

#[test]
fn damage_in_a_segment_that_others_follow_is_never_cut_off() {
    let dir = dir();
    let end = two_segments(&dir);
    let path = segment(&dir, 1);
    for at in [end - 5_000, end + 3, end + 40] {
        flip(&path, at);
        assert!(reopen(dir.path()).unwrap_err().is_corrupt(), "at {at}");
        flip(&path, at);
    }
    fs::remove_file(&path).unwrap();
    assert!(reopen(dir.path()).unwrap_err().is_corrupt());
}

#[test]
fn a_frame_larger_than_a_segment_gets_one_of_its_own() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let large = vec![9; 300_000];
    append(&mut writer, &[b"before"]);
    append(&mut writer, &[&large]);
    append(&mut writer, &[b"after"]);
    assert_eq!(log.end().place.segment, 3);
    assert_eq!(payloads(&log)[1], large);
    drop(writer);
    assert_eq!(
        payloads(&reopen(dir.path()).unwrap().0)[1..],
        [large, b"after".to_vec()]
    );
}

#[test]
fn opening_from_where_the_index_ends_goes_on_and_can_still_seal() {
    let dir = dir();
    three_commits(&dir);
    let start = reopen(dir.path()).unwrap().0.end().start();
    let (log, mut writer, recovery) = open(dir.path(), &options(), start, &mut |_| Ok(())).unwrap();
    assert_eq!(recovery.frames, 0);
    assert_eq!(log.end().time, Timestamp::from_micros(1_000));
    for _ in 0..8 {
        append(&mut writer, &[&[1; 10_000]]);
    }
    drop(writer);
    assert_eq!(payloads(&reopen(dir.path()).unwrap().0).len(), 14);
}

#[test]
fn an_index_that_holds_more_than_the_log_is_reported() {
    let dir = dir();
    three_commits(&dir);
    let mut start = reopen(dir.path()).unwrap().0.end().start();
    start.position = start.position.next();
    let error = open(dir.path(), &options(), start, &mut |_| Ok(())).unwrap_err();
    assert!(error.is_corrupt());
    start.place = Some(beginning(2));
    assert!(
        open(dir.path(), &options(), start, &mut |_| Ok(()))
            .unwrap_err()
            .is_corrupt()
    );
}

#[test]
fn a_reader_follows_across_segments_up_to_what_it_is_told() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let reader =
        open_read_only(dir.path(), STORE, Start::default(), None, &mut |_| Ok(())).unwrap();
    for i in 1..=20 {
        append(&mut writer, &[&[1; 10_000]]);
        reader
            .follow(Position::new(i - 1), &mut |_| Ok(()))
            .unwrap();
        assert_eq!(reader.end().position, i - 1);
    }
    reader.follow(Position::new(20), &mut |_| Ok(())).unwrap();
    assert_eq!(payloads(&reader), payloads(&log));
}

#[test]
fn the_segments_of_another_store_are_refused() {
    let dir = dir();
    three_commits(&dir);
    let other = LogOptions {
        store_id: Uuid::from_u128(8),
        ..options()
    };
    assert!(open(dir.path(), &other, Start::default(), &mut |_| Ok(())).is_err());
}

#[test]
fn definitions_come_back_and_take_no_position() {
    let dir = dir();
    let definitions = [
        Definition::Category {
            id: 1,
            name: "book".into(),
            keys: KeyKind::Text,
        },
        Definition::Type {
            id: 3,
            name: "book.lent".into(),
        },
    ];
    let (_, mut writer, _) = reopen(dir.path()).unwrap();
    writer.define(&definitions).unwrap();
    assert_eq!(append(&mut writer, &[b"x"]).0, 1);
    drop(writer);
    let mut seen = Vec::new();
    open(dir.path(), &options(), Start::default(), &mut |frame| {
        seen.extend(frame.definitions()?);
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, definitions);
}

#[test]
fn a_small_payload_costs_32_bytes_more_in_a_batch() {
    let dir = dir();
    let (_, mut writer, _) = reopen(dir.path()).unwrap();
    let (_, places) = append(&mut writer, &[&[1; 64], &[2; 64]]);
    assert_eq!(places[1].offset() - places[0].offset(), 96);
}

#[test]
fn a_commit_beyond_the_limits_is_refused_and_leaves_no_trace() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let payload = vec![0; 16 * 1024 * 1024 + 1];
    let event = DraftEvent {
        type_id: 1,
        revision: 1,
        extras: &[],
        payload: &payload,
    };
    let mut stream = DraftStream {
        category: 1,
        key: KeyRef::Number(1),
        first_version: Version::new(1),
        events: &[event],
    };
    let mut refused = |stream: DraftStream<'_>| {
        let draft = Draft {
            id: Uuid::nil(),
            time: Timestamp::default(),
            streams: &[stream],
        };
        writer.lay(&draft, &mut Vec::new()).unwrap_err()
    };
    assert!(matches!(refused(stream), LayError::Payload { .. }));
    stream.events = &[];
    assert!(matches!(refused(stream), LayError::Stream));
    writer.flush(true).unwrap();
    assert_eq!(log.end().position, 0);
}

proptest! {
    #[test]
    fn hostile_bytes_are_no_frames(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert_eq!(parse_segment(&bytes), 0);
    }

    #[test]
    fn a_changed_frame_is_not_accepted(
        changes in proptest::collection::vec((64_usize..400, 1_u8..), 1..4),
    ) {
        let dir = dir();
        let offsets = three_commits(&dir);
        let bytes = fs::read(segment(&dir, 1)).unwrap();
        let mut changed = bytes.clone();
        for (at, with) in changes {
            changed[at] ^= with;
        }
        let salt = Salt::new(STORE, 1);
        for (begin, end) in offsets.iter().zip(&offsets[1..]) {
            let range = usize::try_from(*begin).unwrap()..usize::try_from(*end).unwrap();
            let place = Place { segment: 1, unit: u32::try_from(begin / 16).unwrap() };
            let frame = Frame::open(Path::new(""), &changed[range.clone()], salt, place);
            let valid = frame.and_then(|frame| frame.verify()).is_ok();
            prop_assert_eq!(valid, changed[range.clone()] == bytes[range]);
        }
    }
}
