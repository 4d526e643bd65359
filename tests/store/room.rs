//! The room that a segment has ahead of its frames: it makes appends quick, and is never in the way.

use std::fs;

use varvedb::blocking::Store as BlockingStore;
use varvedb::{AppendError, ExpectedVersion, Store};

use crate::kit::disk::SmallDisk;
use crate::kit::{Place, book, lent, payloads};

/// Large enough that its blocks are allocated, not written before.
const VOLUME: usize = 200_000;
/// Bytes of a frame and its record beside the payload: at least, and at most.
const AROUND: [u64; 2] = [112, 200];
/// What a disk gives at once.
const BLOCK: u64 = 4096;

/// The length of the first segment's file.
fn segment(place: &Place) -> u64 {
    fs::metadata(place.log_files().remove(0)).unwrap().len()
}

fn append(store: &BlockingStore, text: &str) {
    let appended = store.append(&book(1), ExpectedVersion::Any, [lent(text)]);
    let _ = appended.unwrap();
}

#[test]
fn a_store_that_is_closed_gives_back_the_room_it_had() {
    let place = Place::new();
    let store = place.open();
    let volume = "x".repeat(VOLUME);
    for _ in 0..3 {
        append(&store, &volume);
    }
    let used = 3 * (VOLUME as u64 + AROUND[1]);
    assert!(segment(&place) > used + (1 << 20), "room for more of them");
    drop(store);
    let left = segment(&place);
    assert!(left < used + (300 << 10), "{left} for {used}");
    let store = place.open();
    append(&store, "and on");
    assert_eq!(payloads(&store, &book(1)).len(), 4);
}

#[test]
fn small_commits_find_room_behind_large_ones_and_the_other_way_round() {
    let place = Place::new();
    let options = || Store::options().segment_bytes(2 << 20);
    let mut store = place.open_with(options());
    let mut written = Vec::new();
    for round in 0..40_usize {
        let small = format!("{round}").repeat(round * 37 % 300 + 1);
        let large = format!("{round}").repeat(VOLUME / 2);
        for text in [small.clone(), small, large] {
            append(&store, &text);
            written.push(text);
        }
        if round % 13 == 12 {
            drop(store);
            store = place.open_with(options());
        }
    }
    assert!(payloads(&store, &book(1)) == written);
    drop(store);
    assert!(payloads(&place.open_with(options()), &book(1)) == written);
}

#[test]
fn where_the_disk_has_no_room_ahead_commits_fit_to_the_last_block() {
    if fill_a_disk(512, 1_000).is_none() {
        println!("SKIPPED: this process may not mount a small disk");
    }
}

/// The zeros of such a commit would take the blocks that it needs itself.
#[test]
fn commits_of_several_blocks_fit_as_well() {
    if fill_a_disk(512, 30_000).is_none() {
        println!("SKIPPED: this process may not mount a small disk");
    }
}

/// So many blocks are asked for ahead of these as the disk never has.
#[test]
fn large_commits_fit_as_well() {
    if fill_a_disk(2048, VOLUME).is_none() {
        println!("SKIPPED: this process may not mount a small disk");
    }
}

/// `None` where this process may not mount one.
fn fill_a_disk(kib: u32, bytes: usize) -> Option<()> {
    let place = Place::new();
    let log = place.path().join("log");
    drop(place.open());
    fs::remove_dir_all(&log).unwrap();
    fs::create_dir(&log).unwrap();
    let small = SmallDisk::mount(&log, kib)?;
    let store = place.open();
    let page = "x".repeat(bytes);
    let mut answered = 0_u64;
    let refusal = loop {
        match store.append(&book(1), ExpectedVersion::Any, [lent(&page)]) {
            Ok(_) => answered += 1,
            Err(AppendError::Storage(error)) => break error,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(refusal.is_full(), "{refusal}");
    let taken = answered * (bytes as u64 + AROUND[0]);
    // Not even one more, with the block in which it would end.
    let one_more = bytes as u64 + AROUND[1] + BLOCK;
    let disk = u64::from(kib) << 10;
    assert!(taken + one_more > disk, "full after {answered}");
    drop(store);
    small.grow(64 << 10);
    let store = place.open();
    assert_eq!(payloads(&store, &book(1)).len() as u64, answered);
    append(&store, "with room again");
    Some(())
}
