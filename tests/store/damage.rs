//! Bytes on disk that are not what was written: told, never served, never silently cut off.

use std::fs;
use std::path::PathBuf;

use varvedb::{ExpectedVersion, OpenError, Store};

use crate::kit::{Place, book, lent, payloads};

/// A closed store of twenty commits, and its one log file.
fn twenty_commits() -> (Place, PathBuf) {
    let place = Place::new();
    let store = place.open();
    for number in 1..=20_u64 {
        let event = lent(&format!("reader {number:04}"));
        let _ = store
            .append(&book(number % 3), ExpectedVersion::Any, [event])
            .unwrap();
    }
    drop(store);
    let file = place.log_files().remove(0);
    (place, file)
}

/// Turns one bit of the only place where `text` stands in the file.
pub(crate) fn flip_in(file: &PathBuf, text: &str) -> u64 {
    let mut bytes = fs::read(file).unwrap();
    let at = bytes
        .windows(text.len())
        .position(|window| window == text.as_bytes())
        .unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
    at as u64
}

#[test]
fn a_flipped_bit_is_an_error_of_the_event_that_has_it_and_of_no_other() {
    let (place, file) = twenty_commits();
    flip_in(&file, "reader 0007");
    let store = place.open();
    let error = store.read_stream(&book(1)).to_vec().unwrap_err();
    let varvedb::ReadError::Storage(error) = error else {
        panic!("{error}")
    };
    let damage = error.damage().unwrap();
    assert_eq!((&damage.path, damage.position), (&file, Some(7.into())));
    assert_eq!(payloads(&store, &book(2)).len(), 7);
    assert_eq!(store.read_log().after(7).to_vec().unwrap().len(), 13);
}

#[test]
fn without_the_index_damage_in_the_middle_stops_the_opening() {
    let (place, file) = twenty_commits();
    flip_in(&file, "reader 0007");
    fs::remove_dir_all(place.path().join("index")).unwrap();
    let before = fs::read(&file).unwrap();
    let OpenError::Storage(error) = Store::open(place.path()).unwrap_err() else {
        panic!()
    };
    assert_eq!(error.damage().unwrap().position, Some(7.into()));
    assert_eq!(fs::read(&file).unwrap(), before, "nothing was changed");
}

/// Nothing behind it says that it was durable, so that it was once cut off as a torn tail.
#[test]
fn without_the_index_damage_in_the_last_commit_is_no_torn_tail() {
    let (place, file) = twenty_commits();
    flip_in(&file, "reader 0020");
    fs::remove_dir_all(place.path().join("index")).unwrap();
    let before = fs::read(&file).unwrap();
    let Err(OpenError::Storage(error)) = Store::open(place.path()) else {
        panic!("it was opened")
    };
    assert_eq!(error.damage().unwrap().position, Some(20.into()));
    assert!(error.to_string().contains("synced up to 20"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before, "nothing was cut off");
    fs::remove_file(place.path().join("lock")).unwrap();
    assert_eq!(place.open().head(), 19);
}

#[test]
fn a_log_that_was_cut_short_is_not_taken_for_a_shorter_log() {
    let (place, file) = twenty_commits();
    let half = fs::metadata(&file).unwrap().len() / 64 * 16;
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(half.min(2048))
        .unwrap();
    let OpenError::Storage(error) = Store::open(place.path()).unwrap_err() else {
        panic!()
    };
    assert!(error.is_corrupt(), "{error}");
}

#[test]
fn a_log_that_is_gone_is_not_taken_for_an_empty_log() {
    let (place, file) = twenty_commits();
    fs::remove_file(&file).unwrap();
    let OpenError::Storage(error) = Store::open(place.path()).unwrap_err() else {
        panic!()
    };
    assert!(error.is_corrupt(), "{error}");
}

#[test]
fn the_segment_of_another_store_is_refused() {
    let (ours, file) = twenty_commits();
    let (_other, foreign) = twenty_commits();
    fs::copy(foreign, &file).unwrap();
    fs::remove_dir_all(ours.path().join("index")).unwrap();
    let OpenError::Storage(error) = Store::open(ours.path()).unwrap_err() else {
        panic!()
    };
    assert!(error.is_corrupt(), "{error}");
}
