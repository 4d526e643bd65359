//! Appending, and reading what was appended.

use super::*;

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
    assert_eq!(record.commit_last, 3);
    assert!(snapshot.record(places[2], first).unwrap_err().is_corrupt());
    assert!(
        snapshot
            .record(log.end().place, first)
            .unwrap_err()
            .is_corrupt()
    );
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
