//! What was durable once and is not what was written: told, never cut off.

use super::*;

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
