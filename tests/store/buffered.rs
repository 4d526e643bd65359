//! Commits that are answered before they are on the disk.

use std::fs;
use std::path::Path;
use std::time::Duration;

use varvedb::blocking::Store;
use varvedb::{Durability, ExpectedVersion, NewCommit, StoreOptions};

use crate::kit::{Place, book, lent, payloads};

/// Nothing is synced before somebody asks for it.
fn options() -> StoreOptions {
    varvedb::Store::options().sync_within(Duration::from_secs(3600))
}

fn append_buffered(store: &Store, number: u64, to: &str) {
    let commit = NewCommit::new().append(book(number), ExpectedVersion::Any, [lent(to)]);
    let _ = store
        .commit(commit.with_durability(Durability::Buffered))
        .unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// The index syncs itself. It once folded commits that the log had not synced; a power cut then left
/// an index that held more than the log, and the store was refused as damaged.
#[test]
fn a_power_cut_that_takes_buffered_commits_leaves_a_store_that_opens() {
    let (place, image) = (Place::new(), Place::new());
    let store = place.open_with(options());
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("synced")])
        .unwrap();
    copy(&place.path().join("log"), &image.path().join("log"));
    append_buffered(&store, 1, "buffered");
    // Far longer than the folder waits for company.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(payloads(&store, &book(1)), ["synced", "buffered"]);
    copy(&place.path().join("index"), &image.path().join("index"));
    fs::copy(
        place.path().join("store.toml"),
        image.path().join("store.toml"),
    )
    .unwrap();

    let after = image.open();
    assert_eq!(payloads(&after, &book(1)), ["synced"]);
    let _ = after
        .append(&book(1), ExpectedVersion::Exact(1.into()), [lent("again")])
        .unwrap();
}

#[test]
fn what_was_buffered_is_known_to_be_synced_once_the_store_is_closed() {
    let place = Place::new();
    let store = place.open_with(options());
    append_buffered(&store, 1, "a");
    drop(store);
    for part in ["log", "index"] {
        fs::remove_dir_all(place.path().join(part)).unwrap();
    }
    let said = varvedb::Store::open(place.path()).unwrap_err().to_string();
    assert!(said.contains("the log was synced up to 1"), "{said}");
}

#[test]
fn a_tail_that_is_full_of_buffered_commits_is_synced_and_folded_and_holds_nobody_up() {
    let place = Place::new();
    let store = place.open_with(options().max_tail_events(8));
    for number in 0..100 {
        append_buffered(&store, number % 3, "b");
    }
    assert_eq!(store.head(), 100);
}
