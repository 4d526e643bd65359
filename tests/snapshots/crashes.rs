//! After a crash, no snapshot knows more than the log does.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use varvedb::Durability;
use varvedb::blocking::Repository;

use crate::kit::told::told;
use crate::kit::{Place, child, child_path};
use crate::meter::{
    AnyMeter, Happens, MeterId, any, every_one, every_seven, happen, installed, load, load_if_any,
    one_by_one, read,
};

const ROUNDS: u64 = 20;
const METERS: u64 = 4;

/// A child saves as fast as it can, under several policies, and is killed.
#[test]
fn kills_leave_snapshots_that_say_what_replay_says() {
    let place = Place::new();
    let mut from_snapshot = 0;
    for round in 0..ROUNDS {
        let mut child = child("crashes::child_that_saves", &place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map(Result::unwrap)
            .any(|line| line.ends_with("ready"));
        assert!(ready, "the child opens what its predecessor left");
        std::thread::sleep(Duration::from_micros(20_000 + round * 7919 % 100_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let repo = Repository::new(&place.open());
        for id in (0..METERS).map(MeterId) {
            load_if_any::<every_seven::Meter>(&repo, id);
            let version = repo
                .load::<every_one::Meter>(id)
                .map(|root| root.version().get());
            from_snapshot += u64::from(load_from(&repo, id) < version.unwrap_or(0));
        }
    }
    println!(
        "{from_snapshot} of {} loads from a snapshot",
        ROUNDS * METERS
    );
    assert!(from_snapshot > 0, "snapshots survive kills");
}

fn load_from(repo: &Repository, id: MeterId) -> u64 {
    repo.load::<any::Meter>(id)
        .map_or(0, |_| load::<any::Meter>(repo, id))
}

#[test]
#[ignore = "the child process that is killed"]
fn child_that_saves() {
    let repo = Repository::new(&varvedb::Store::open(child_path()).unwrap());
    print!("\nready\n");
    std::io::stdout().flush().unwrap();
    std::thread::scope(|scope| {
        for id in (0..METERS).map(MeterId) {
            let durability = [Durability::Sync, Durability::Buffered];
            let repo = repo
                .clone()
                .with_durability(durability[usize::from(id.0 % 2 == 1)]);
            scope.spawn(move || match id.0 {
                0 | 1 => save_for_ever::<every_one::Meter>(&repo, id),
                2 => save_for_ever::<any::Meter>(&repo, id),
                _ => save_for_ever::<every_seven::Meter>(&repo, id),
            });
        }
    });
}

fn save_for_ever<A: AnyMeter>(repo: &Repository, id: MeterId) {
    for value in 0.. {
        let event = match repo.load::<A>(id) {
            Ok(_) => read(id, value),
            Err(_) => installed(id),
        };
        repo.execute::<A>(id, Happens(vec![event])).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// The index syncs itself, the log does not here: what a power cut would leave of both has no snapshot
/// of a buffered event.
#[test]
fn a_power_cut_that_takes_buffered_events_takes_their_snapshots() {
    let (place, image) = (Place::new(), Place::new());
    let options = varvedb::Store::options().sync_within(Duration::from_secs(3600));
    let store = place.open_with(options);
    let repo = Repository::new(&store);
    let id = MeterId(1);
    one_by_one::<every_one::Meter>(&repo, id, 3);
    copy(&place.path().join("log"), &image.path().join("log"));
    let buffered = repo.with_durability(Durability::Buffered);
    for value in 0..20 {
        buffered
            .execute::<every_one::Meter>(id, Happens(vec![read(id, value)]))
            .unwrap();
    }
    assert_eq!(load::<every_one::Meter>(&buffered, id), 0);
    // Far longer than the folder waits for company, and than it takes to look for snapshots.
    std::thread::sleep(Duration::from_millis(1_500));
    copy(&place.path().join("index"), &image.path().join("index"));
    fs::copy(
        place.path().join("store.toml"),
        image.path().join("store.toml"),
    )
    .unwrap();

    let after = Repository::new(&image.open());
    let without = after.clone().without_snapshots();
    assert_eq!(without.load::<every_one::Meter>(id).unwrap().version(), 3);
    // Other events take the places of those that were lost: a snapshot of these would be told of.
    let other = (100..130).map(|value| read(id, value)).collect();
    happen::<every_one::Meter>(&without, id, other);
    let told = told(|| assert_ne!(load::<every_one::Meter>(&after, id), 0));
    assert!(!told.contains("WARN"), "{told}");
}

/// Nobody appends, nobody closes: a snapshot that a load has taken gets to the disk by itself.
#[test]
fn a_snapshot_that_a_load_has_taken_is_written_without_any_append() {
    let (place, image) = (Place::new(), Place::new());
    let id = MeterId(1);
    crate::meter::long_ago(&Repository::new(&place.open()), id, 50);
    let repo = Repository::new(&place.open());
    // Whatever the opening had to fold is folded.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(load::<every_seven::Meter>(&repo, id), 50);
    let is_written = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let _ = fs::remove_dir_all(image.path());
        copy(&place.path().join("log"), &image.path().join("log"));
        copy(&place.path().join("index"), &image.path().join("index"));
        fs::copy(
            place.path().join("store.toml"),
            image.path().join("store.toml"),
        )
        .unwrap();
        load::<every_seven::Meter>(&Repository::new(&image.open()), id) == 0
    });
    assert!(is_written);
}
