//! Bytes that nobody laid.

use proptest::prelude::*;

use super::*;
use crate::log::frame::Salt;
use crate::log::fuzz::{parse_segment, parse_signed, sign};

/// A log of one commit whose frame was changed and then signed as if it had been laid so; opens it.
fn open_changed(change: impl FnOnce(&mut [u8])) -> (TempDir, Result<Recovery, StorageError>) {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    append(&mut writer, &[b"one", b"two"]);
    let end = usize::try_from(log.end().place.offset()).unwrap();
    drop((log, writer));
    let path = segment(&dir, 1);
    let mut bytes = fs::read(&path).unwrap();
    let frame = &mut bytes[64..end];
    change(frame);
    sign(frame, Salt::new(STORE, 1), beginning(1));
    fs::write(&path, &bytes).unwrap();
    let opened = reopen(dir.path()).map(|(_, _, recovery)| recovery);
    if opened.is_err() {
        assert_eq!(fs::read(&path).unwrap(), bytes, "nothing was changed");
    }
    (dir, opened)
}

fn refused(change: impl FnOnce(&mut [u8])) -> String {
    let (_dir, opened) = open_changed(change);
    let error = opened.unwrap_err();
    let damage = error.damage().expect("damage");
    assert!(damage.offset >= 64 && damage.position.is_some(), "{damage}");
    damage.what.to_owned()
}

#[test]
fn a_frame_that_is_signed_and_not_changed_opens() {
    let (_dir, opened) = open_changed(|_| ());
    assert_eq!(opened.unwrap().frames, 1);
}

#[test]
fn a_frame_of_a_newer_kind_format_or_flag_is_told_and_not_cut_off() {
    for at in [4, 5, 6, 7, 44, 47] {
        let what = refused(|frame| frame[at] = 9);
        assert!(what.contains("newer version"), "{what}");
    }
}

/// Where no checksum tells a write that was torn from one that is wrong, the frame, being the last,
/// is cut off: never is it taken in.
fn not_taken_in(change: impl FnOnce(&mut [u8])) {
    let (_dir, opened) = open_changed(change);
    assert!(opened.is_err() || opened.is_ok_and(|recovery| recovery.frames == 0));
}

#[test]
fn a_header_that_contradicts_itself_is_told_and_not_cut_off() {
    let put = |at: usize, value: u64| {
        let what = refused(|frame| frame[at..at + 8].copy_from_slice(&value.to_le_bytes()));
        assert!(
            what.contains("contradicts itself") || what.contains("does not go on"),
            "{what}"
        );
    };
    for first in [0, 2, u64::MAX, u64::MAX - 1] {
        put(16, first);
    }
    for durable in [1, u64::MAX] {
        put(24, durable);
    }
    for records in [0, u32::MAX] {
        put(40, records.into());
    }
}

#[test]
fn counts_and_lengths_that_do_not_fit_the_frame_are_not_taken_in() {
    for records in [1_u32, 3] {
        not_taken_in(|frame| frame[40..44].copy_from_slice(&records.to_le_bytes()));
    }
    for len in [80_u32, 1 << 20, 64 << 20] {
        not_taken_in(|frame| frame[8..12].copy_from_slice(&len.to_le_bytes()));
    }
}

#[test]
fn an_impossible_name_or_record_is_not_taken_in() {
    let first = 64;
    let name = first + 32;
    let second = name + 16 + 16;
    // A kind of key, its zero, its length.
    for (at, with) in [(4, 9), (5, 1), (6, 0xFF), (7, 0xFF)] {
        not_taken_in(|frame| frame[name + at] = with);
    }
    // How far back the frame is, the payload's length, how far back the name is, how much metadata.
    for record in [first, second] {
        for at in [4, 8, 12, 22] {
            not_taken_in(|frame| frame[record + at] ^= 1);
            not_taken_in(|frame| frame[record + at..record + at + 2].fill(0xFF));
        }
    }
    let version = |record: usize, version: u64| {
        refused(|frame| frame[record + 24..record + 32].copy_from_slice(&version.to_le_bytes()))
    };
    for what in [version(first, 0), version(second, 0)] {
        assert_eq!(what, "a record has no version");
    }
    for other in [1, 3, u64::MAX] {
        let what = version(second, other);
        assert_eq!(what, "a record's version is not the next one of its run");
    }
    let what = refused(|frame| frame[name + 16 + 15] = 1);
    assert_eq!(what, "a record's padding is not zero");
}

#[test]
fn a_whole_frame_whose_positions_jump_or_whose_time_goes_back_is_told() {
    for (at, value, what) in [
        (16, 6_u64, "does not go on"),
        (32, 1, "the time of a frame"),
    ] {
        let dir = dir();
        let offsets = three_commits(&dir);
        let path = segment(&dir, 1);
        let mut bytes = fs::read(&path).unwrap();
        let [start, end] = [offsets[2], offsets[3]].map(|at| usize::try_from(at).unwrap());
        let frame = &mut bytes[start..end];
        frame[at..at + 8].copy_from_slice(&value.to_le_bytes());
        let unit = u32::try_from(start / 16).unwrap();
        sign(frame, Salt::new(STORE, 1), Place { segment: 1, unit });
        fs::write(&path, &bytes).unwrap();
        let error = reopen(dir.path()).unwrap_err();
        let damage = error.damage().unwrap();
        assert!(damage.what.contains(what), "{damage}");
        assert_eq!(
            (damage.offset, damage.position.unwrap().get()),
            (offsets[2], 5)
        );
        assert_eq!(fs::read(&path).unwrap(), bytes, "nothing was changed");
    }
}

proptest! {
    #[test]
    fn frames_signed_after_any_change_do_no_harm(
        changes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        parse_signed(&changes);
    }

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

/// The index is not signed: its rows may point anywhere.
#[test]
fn a_place_that_points_anywhere_is_damage_and_never_a_panic() {
    let dir = dir();
    two_segments(&dir);
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let (first, laid) = append(&mut writer, &[b"x", b"y"]);
    let snapshot = log.snapshot();
    let ends = [0, 1, 3, 4, 4_095, 4_096, 1 << 28, u32::MAX - 1, u32::MAX];
    let units = (0..1_000).chain(ends);
    let places =
        units.flat_map(|unit| [0, 1, 2, 3, u32::MAX].map(|segment| Place { segment, unit }));
    let places: Vec<Place> = places.filter(|place| !laid.contains(place)).collect();
    snapshot.fetch(places.iter().copied());
    let mut look = snapshot.look();
    for place in &places {
        look.touch(*place);
        look.prefetch(*place);
    }
    for sought in [Sought::Whole, Sought::Alone] {
        for place in &places {
            look.prefetch_rest(*place, sought);
        }
        snapshot.fetch_frames(places.iter().copied(), sought);
    }
    let mut finders = [Sought::Whole, Sought::Alone].map(|sought| snapshot.finder(sought));
    for place in places {
        let positions = [0, first.get(), first.get() + 1, u64::MAX].map(Position::new);
        for finder in &mut finders {
            for position in positions {
                let found = finder.record(place, position);
                assert!(found.unwrap_err().is_corrupt(), "{place:?} {position}");
            }
            let found = finder.record(laid[1], first.plus(1)).unwrap();
            assert_eq!(found.payload, b"y");
        }
    }
}
