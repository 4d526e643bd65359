//! What was durable once and is not what was written: told, never cut off.

use super::*;

#[test]
fn a_flipped_bit_in_a_frame_that_was_durable_is_damage_there() {
    let dir = dir();
    let offsets = three_commits(&dir);
    let path = segment(&dir, 1);
    // The first carries the name of the stream, in 16 bytes.
    let records = [offsets[1] + 64, offsets[1] + 64 + 32 + 16 + 32];
    for at in offsets[1]..offsets[2] {
        flip(&path, at);
        let error = reopen(dir.path()).unwrap_err();
        let damage = error.damage().expect("damage");
        let (offset, position) = match at {
            _ if at >= records[1] => (records[1], 4),
            _ if at >= records[0] => (records[0], 3),
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
fn the_segments_of_another_store_are_refused() {
    let dir = dir();
    three_commits(&dir);
    let other = LogOptions {
        store_id: Uuid::from_u128(8),
        ..options()
    };
    assert!(open(dir.path(), &other, Start::default(), &mut |_| Ok(())).is_err());
}

/// A header of zeros alone once made a small segment look as if it had just been created: it was
/// begun anew, over the frames that it held.
#[test]
fn a_segment_whose_header_was_zeroed_is_damaged_and_not_begun_anew() {
    let dir = dir();
    three_commits(&dir);
    let path = segment(&dir, 1);
    overwrite(&path, 0, &[0; 64]);
    let before = fs::read(&path).unwrap();
    let error = reopen(dir.path()).unwrap_err();
    assert_eq!(error.damage().unwrap().offset, 0, "{error}");
    assert_eq!(fs::read(&path).unwrap(), before, "nothing was changed");
}

#[test]
fn a_directory_in_the_place_of_a_segment_is_refused() {
    let dir = dir();
    fs::create_dir(segment(&dir, 1)).unwrap();
    assert!(reopen(dir.path()).unwrap_err().is_corrupt());
}

#[test]
fn a_segment_under_the_number_of_another_is_refused() {
    let dir = dir();
    two_segments(&dir);
    fs::copy(segment(&dir, 1), segment(&dir, 2)).unwrap();
    let error = reopen(dir.path()).unwrap_err();
    assert_eq!(error.damage().unwrap().path, segment(&dir, 2));
}

#[test]
fn damaged_definitions_in_the_middle_are_damage_and_at_the_end_a_torn_tail() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut define = |id: u32| {
        let at = log.end().place.offset();
        let name = "book.lent".into();
        writer.define(&[Definition::Type { id, name }]).unwrap();
        writer.flush(true).unwrap();
        append(&mut writer, &[b"x"]);
        at
    };
    let middle = define(1);
    define(2);
    writer
        .define(&[Definition::Type {
            id: 3,
            name: "book.gone".into(),
        }])
        .unwrap();
    let end = log.end().place.offset();
    writer.flush(true).unwrap();
    drop(writer);
    let path = segment(&dir, 1);
    flip(&path, middle + 80);
    let error = reopen(dir.path()).unwrap_err();
    let damage = error.damage().unwrap();
    assert_eq!((damage.offset, damage.position.unwrap().get()), (middle, 1));
    flip(&path, middle + 80);
    flip(&path, end + 80);
    let (_, _, recovery) = reopen(dir.path()).unwrap();
    assert_eq!(recovery.cut.unwrap().place.offset(), end);
}
