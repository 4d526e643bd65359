//! Processes that only read use snapshots, and never write one.

use std::process::Stdio;

use varvedb::blocking::Repository;

use crate::kit::{Place, child, child_path};
use crate::meter::{
    Happens, MeterId, every_one, every_seven, installed, load, long_ago, one_by_one, read,
};

const ID: MeterId = MeterId(7);

fn reading(place: &Place) -> Repository {
    Repository::new(&varvedb::Store::open_read_only(place.path()).unwrap())
}

#[test]
fn a_reading_process_uses_the_snapshots_that_are_there() {
    let place = Place::new();
    one_by_one::<every_seven::Meter>(&Repository::new(&place.open()), ID, 16);
    assert_eq!(load::<every_seven::Meter>(&reading(&place), ID), 2);
}

#[test]
fn a_reading_process_takes_no_snapshots() {
    let place = Place::new();
    long_ago(&Repository::new(&place.open()), ID, 50);
    let repo = reading(&place);
    assert_eq!(load::<every_one::Meter>(&repo, ID), 50);
    assert_eq!(load::<every_one::Meter>(&repo, ID), 50);
    drop(repo);
    let repo = Repository::new(&place.open());
    assert_eq!(load::<every_one::Meter>(&repo, ID), 50);
}

/// The index of the reading process may know a snapshot of events that it does not show yet.
#[test]
fn a_reading_process_says_what_replay_says_while_another_writes() {
    let place = Place::new();
    let repo = Repository::new(&place.open());
    repo.execute::<every_one::Meter>(ID, Happens(vec![installed(ID)]))
        .unwrap();
    let mut reader = child("readers::child_that_loads", &place.path())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut value = 0;
    let status = loop {
        value += 1;
        std::thread::sleep(std::time::Duration::from_millis(1));
        repo.execute::<every_one::Meter>(ID, Happens(vec![read(ID, value)]))
            .unwrap();
        if let Some(status) = reader.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success());
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_loads() {
    let repo = Repository::new(&varvedb::Store::open_read_only(child_path()).unwrap());
    // The other process folds, and so writes snapshots, twenty times a second at most.
    let (mut loads, mut from_snapshot) = (0, 0);
    while from_snapshot < 200 {
        loads += 1;
        assert!(
            loads < 100_000,
            "only {from_snapshot} loads from a snapshot"
        );
        // As it was: the other process goes on between two loads.
        let root = repo.load::<every_one::Meter>(ID).unwrap();
        let without = repo.clone().without_snapshots();
        let replayed = without.load_at::<every_one::Meter>(ID, root.version());
        assert_eq!(root.state(), replayed.unwrap().state());
        from_snapshot += u64::from(root.replayed() < root.version().get());
    }
}
