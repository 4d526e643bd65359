//! What an unclean end leaves is cut off, whole, and nothing else is.

use super::*;

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
