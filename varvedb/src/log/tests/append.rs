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
    let record = snapshot
        .finder(Sought::Whole)
        .record(places[2], first.plus(2))
        .unwrap();
    assert_eq!(
        (record.payload, record.version),
        (&b"c"[..], Version::new(3))
    );
    assert_eq!(record.key, KeyRef::Text("reader"));
    assert_eq!(record.id, Uuid::from_u128((1 << 100) + 2));
    assert!(
        snapshot
            .finder(Sought::Whole)
            .record(places[2], first)
            .unwrap_err()
            .is_corrupt()
    );
    assert!(
        snapshot
            .finder(Sought::Whole)
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
fn a_small_payload_costs_32_bytes_more_in_a_run_and_16_to_begin_it() {
    let dir = dir();
    let (_, mut writer, _) = reopen(dir.path()).unwrap();
    let (_, places) = append(&mut writer, &[&[1; 64], &[2; 64], &[3; 64]]);
    assert_eq!(places[1].offset() - places[0].offset(), 112);
    assert_eq!(places[2].offset() - places[1].offset(), 96);
}

#[test]
fn one_commit_holds_streams_with_keys_of_every_kind_and_events_with_ids_and_metadata() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let (own_id, actor) = ([3; 16], b"the librarian");
    let mut extras = vec![1, 0, 16, 0];
    extras.extend_from_slice(&own_id);
    extras.extend_from_slice(&[4, 0, 13, 0]);
    extras.extend_from_slice(actor);
    let uuid = Uuid::from_u128(9);
    let keys = [
        KeyRef::Number(u64::MAX),
        KeyRef::Text("å"),
        KeyRef::Uuid(&uuid),
    ];
    let (plain, rich) = ((&b""[..], &b"plain"[..]), (&extras[..], &b"rich"[..]));
    let events = [plain, rich];
    let draft = draft_runs(&keys.map(|key| (key, &events[..]))).unwrap();
    let laying = Laying {
        id: Uuid::from_u128(u128::MAX),
        time: Timestamp::from_micros(5),
        draft: &draft,
        types: &[7],
        streams: keys.iter().map(|key| DraftStream {
            category: 1,
            key: *key,
            first_version: Version::new(4),
            events: 2,
        }),
    };
    writer.lay(&laying, &mut Vec::new()).unwrap();
    writer.flush(true).unwrap();
    let snapshot = log.snapshot();
    let frame = snapshot.frames(None).next().unwrap().unwrap();
    let records: Vec<_> = frame.records().map(Result::unwrap).collect();
    let found = records
        .iter()
        .map(|record| (record.key, record.version.get()));
    let expected = keys.iter().flat_map(|key| [(*key, 4), (*key, 5)]);
    assert!(found.eq(expected));
    assert_eq!(records[1].id.as_bytes(), &own_id);
    assert_eq!(
        records[2].id,
        Uuid::from_u128(1),
        "ids count on, beyond the end"
    );
    assert_eq!((records[5].payload, records[5].type_id), (&b"rich"[..], 7));
}

#[test]
fn time_never_goes_back_not_even_over_reopening() {
    let dir = dir();
    let at = |micros| {
        let (log, mut writer, _) = reopen(dir.path()).unwrap();
        let key = KeyRef::Number(1);
        let draft = draft(key, &[(b"", b"")]).unwrap();
        let mut laying = to_stream(&draft, key);
        laying.time = Timestamp::from_micros(micros);
        writer.lay(&laying, &mut Vec::new()).unwrap();
        writer.flush(true).unwrap();
        log.end().time.as_micros()
    };
    assert_eq!([at(50), at(20), at(60), at(i64::MIN)], [50, 50, 60, 60]);
}

#[test]
fn later_frames_say_what_was_synced_when_they_were_laid() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    append(&mut writer, &[b"1"]);
    lay(&mut writer, &[b"2"]);
    writer.flush(false).unwrap();
    lay(&mut writer, &[b"3"]);
    writer.flush(false).unwrap();
    assert_eq!(log.synced(), 1);
    writer.sync().unwrap();
    assert_eq!(log.synced(), 3);
    append(&mut writer, &[b"4"]);
    let snapshot = log.snapshot();
    let durable = snapshot
        .frames(None)
        .map(|frame| frame.unwrap().header().durable.get());
    assert!(durable.eq([0, 1, 1, 3]));
}

#[test]
fn a_writer_that_could_not_write_says_so_ever_after() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    append(&mut writer, &[b"1"]);
    writer.make_read_only();
    lay(&mut writer, &[b"2"]);
    let failed = writer.flush(true).unwrap_err();
    assert!(!failed.is_poisoned() && !failed.is_corrupt(), "{failed}");
    assert!(writer.flush(true).unwrap_err().is_poisoned());
    assert!(writer.sync().unwrap_err().is_poisoned());
    assert!(writer.define(&[]).unwrap_err().is_poisoned());
    assert_eq!(log.end().position, 1, "nothing of it was published");
    drop(writer);
    assert_eq!(payloads(&reopen(dir.path()).unwrap().0), [b"1"]);
}
