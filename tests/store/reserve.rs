//! The next segment is made ready while one fills; nothing of that can be lost or in the way.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use varvedb::{ExpectedVersion, Store, StoreOptions};

use crate::kit::{Place, book, lent, payloads};

const SEGMENT: u64 = 512 << 10;

fn options() -> StoreOptions {
    Store::options().segment_bytes(SEGMENT)
}

fn reserve(place: &Place) -> PathBuf {
    place.path().join("log/reserve")
}

/// The length of a segment's file.
fn segment(place: &Place, number: u32) -> Option<u64> {
    let path = place.path().join(format!("log/{number:016}.varve"));
    fs::metadata(path).ok().map(|file| file.len())
}

/// Appends 10 kB at a time until there is this segment, and says how many times.
fn fill(place: &Place, store: &varvedb::blocking::Store, segment_number: u32) -> usize {
    let page = "x".repeat(10_000);
    let mut pages = 0;
    while segment(place, segment_number).is_none() {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent(&page)])
            .unwrap();
        pages += 1;
        if pages % 40 == 0 {
            wait_until(|| fs::metadata(reserve(place)).is_ok_and(|file| file.len() == SEGMENT));
        }
    }
    pages
}

fn wait_until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never was");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_next_segment_has_its_room_from_the_beginning() {
    let place = Place::new();
    let store = place.open_with(options());
    let pages = fill(&place, &store, 2);
    assert_eq!(segment(&place, 2), Some(SEGMENT), "made of the reserve");
    assert!(!reserve(&place).exists(), "it is the segment now");
    assert_eq!(payloads(&store, &book(1)).len(), pages);
    drop(store);
    let store = place.open_with(options());
    assert_eq!(payloads(&store, &book(1)).len(), pages);
    let more = fill(&place, &store, 3);
    assert_eq!(payloads(&store, &book(1)).len(), pages + more);
}

#[test]
fn closing_leaves_no_reserve_behind() {
    let place = Place::new();
    let store = place.open_with(Store::options());
    let page = "x".repeat(100_000);
    let mut pages = 0;
    while !reserve(&place).exists() {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent(&page)])
            .unwrap();
        pages += 1;
    }
    drop(store);
    assert!(!reserve(&place).exists());
    let log = segment(&place, 1).unwrap();
    assert!(log < (pages + 11) * 100_500, "{log} for {pages}");
}

#[test]
fn what_was_reserved_in_a_segment_is_given_back_and_grows_again() {
    let place = Place::new();
    let store = place.open_with(options().segment_bytes(4 << 20));
    let page = "x".repeat(100_000);
    let append = |store: &varvedb::blocking::Store| {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent(&page)])
            .unwrap();
    };
    let mut pages = 0;
    while segment(&place, 2).is_none() {
        append(&store);
        pages += 1;
        if pages == 35 {
            wait_until(|| fs::metadata(reserve(&place)).is_ok_and(|file| file.len() == 4 << 20));
        }
    }
    assert_eq!(segment(&place, 2), Some(4 << 20));
    drop(store);
    assert!(segment(&place, 2).unwrap() < 2 << 20);
    let store = place.open_with(options());
    for _ in 0..20 {
        append(&store);
    }
    assert_eq!(payloads(&store, &book(1)).len(), pages + 20);
}

#[test]
fn what_a_killed_program_left_of_one_is_deleted_and_never_read() {
    let place = Place::new();
    let _ = place
        .open_with(options())
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    fs::write(reserve(&place), vec![0xA5; 100_000]).unwrap();
    let reader = Store::open_read_only(place.path()).unwrap();
    assert_eq!(reader.read_log().to_vec().unwrap().len(), 1);
    assert!(reserve(&place).exists(), "who only reads deletes nothing");
    drop(reader);
    let store = place.open_with(options());
    assert!(!reserve(&place).exists());
    assert_eq!(payloads(&store, &book(1)), ["a"]);
}

#[test]
fn a_store_that_cannot_make_one_goes_on_without() {
    let place = Place::new();
    drop(place.open_with(options()));
    fs::create_dir(reserve(&place)).unwrap();
    fs::write(reserve(&place).join("in the way"), "").unwrap();
    let store = place.open_with(options());
    let page = "x".repeat(10_000);
    for _ in 0..120 {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent(&page)])
            .unwrap();
    }
    assert!(segment(&place, 3).is_some());
    assert_eq!(payloads(&store, &book(1)).len(), 120);
    drop(store);
    assert_eq!(payloads(&place.open_with(options()), &book(1)).len(), 120);
}

#[test]
fn a_commit_larger_than_the_reserve_gets_a_segment_of_its_own() {
    let place = Place::new();
    let store = place.open_with(options());
    let page = "x".repeat(10_000);
    for _ in 0..30 {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent(&page)])
            .unwrap();
    }
    wait_until(|| fs::metadata(reserve(&place)).is_ok_and(|file| file.len() == SEGMENT));
    let volume = "y".repeat(3 << 20);
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent(&volume)])
        .unwrap();
    assert!(segment(&place, 2).unwrap() > 3 << 20);
    assert_eq!(payloads(&store, &book(1)).len(), 31);
}
