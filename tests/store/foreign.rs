//! Stores that somebody has had their hands in: told, never silently another store.

use std::fs;
use std::path::{Path, PathBuf};

use varvedb::{ExpectedVersion, NewCommit, OpenError, Store, StreamId};

use crate::kit::{Place, book, lent, payloads};

/// A closed store of 300 events in six segments.
fn six_segments() -> Place {
    let place = Place::new();
    write(&place, 0..300);
    assert_eq!(place.log_files().len(), 6);
    place
}

fn write(place: &Place, numbers: std::ops::Range<u64>) {
    let store = place.open_with(Store::options().segment_bytes(64 << 10));
    let numbers: Vec<u64> = numbers.collect();
    for numbers in numbers.chunks(7) {
        let commit = numbers.iter().fold(NewCommit::new(), |commit, number| {
            let event = lent(&format!("{number:05}{}", "x".repeat(1000)));
            commit.append(book(number % 3), ExpectedVersion::Any, [event])
        });
        let _ = store.commit(commit).unwrap();
    }
}

fn segment(place: &Place, number: u32) -> PathBuf {
    place.path().join(format!("log/{number:016}.varve"))
}

fn without_index(place: &Place) {
    fs::remove_dir_all(place.path().join("index")).unwrap();
}

fn without_lock(place: &Place) {
    fs::remove_file(place.path().join("lock")).unwrap();
}

/// What the first damage that is met says: at the opening, or else by a read of everything.
fn damage(place: &Place) -> String {
    let error = match Store::open(place.path()) {
        Err(OpenError::Storage(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(store) => match store.read_log().to_vec().unwrap_err() {
            varvedb::ReadError::Storage(error) => error,
            error => panic!("{error}"),
        },
    };
    assert!(error.is_corrupt(), "{error}");
    error.to_string()
}

#[test]
fn a_segment_that_is_not_what_it_was_is_named() {
    type Change = fn(&Place);
    let changes: [(Change, &str); 10] = [
        (|p| fs::remove_file(segment(p, 1)).unwrap(), "1.varve"),
        (|p| fs::remove_file(segment(p, 3)).unwrap(), "3.varve"),
        (|p| copy(&segment(p, 3), &segment(p, 4)), "4.varve"),
        (
            |p| copy(&segment(p, 6), &segment(p, 7)),
            "ends without a footer",
        ),
        (
            |p| copy(&segment(&six_segments(), 3), &segment(p, 3)),
            "belongs to another store",
        ),
        (|p| fs::write(segment(p, 3), "").unwrap(), "3.varve"),
        (
            |p| fs::write(segment(p, 3), vec![0; 1 << 16]).unwrap(),
            "3.varve",
        ),
        (
            |p| fs::write(segment(p, 6), vec![0; 1 << 20]).unwrap(),
            "not a segment",
        ),
        (|p| fs::write(segment(p, 0), "").unwrap(), "numbered from 1"),
        (
            |p| fs::write(p.path().join("log/9999999999999999.varve"), "").unwrap(),
            "numbered from 1",
        ),
    ];
    for (number, (change, expected)) in changes.into_iter().enumerate() {
        let place = six_segments();
        change(&place);
        let with_index = damage(&place);
        without_index(&place);
        for said in [with_index, damage(&place)] {
            assert!(said.contains(expected), "change {number}: {said}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

#[test]
fn a_copy_of_a_segment_under_a_name_of_its_own_is_no_part_of_the_log() {
    let place = six_segments();
    let name = place.path().join("log/0000000000000003 (copy).varve");
    copy(&segment(&place, 3), &name);
    assert_eq!(place.open().read_log().to_vec().unwrap().len(), 300);
    assert!(name.exists());
}

/// The log refused it, but only when the index had been deleted for being another store's.
#[test]
fn a_store_id_that_was_changed_by_hand_costs_nothing() {
    let place = six_segments();
    let (path, index) = (
        place.path().join("store.toml"),
        place.path().join("index/data.mdb"),
    );
    let (good, before) = (
        fs::read_to_string(&path).unwrap(),
        fs::read(&index).unwrap(),
    );
    let (key, id) = good.split_once("store_id = \"").unwrap();
    let changed = if id.starts_with('f') { "e" } else { "f" };
    fs::write(&path, format!("{key}store_id = \"{changed}{}", &id[1..])).unwrap();
    let said = Store::open(place.path()).unwrap_err().to_string();
    assert!(
        said.contains("belongs to another store than `store.toml` says"),
        "{said}"
    );
    assert_eq!(fs::read(&index).unwrap(), before, "the index is as it was");
    fs::write(&path, good).unwrap();
    assert_eq!(place.open().read_log().to_vec().unwrap().len(), 300);
}

/// The index, and the checkpoints in it, are then ahead of the log.
#[test]
fn an_older_log_beneath_a_newer_index_is_an_error_that_says_what_to_do() {
    let place = Place::new();
    write(&place, 0..60);
    let older = tempfile::tempdir().unwrap();
    for file in place.log_files() {
        copy(&file, &older.path().join(file.file_name().unwrap()));
    }
    write(&place, 60..150);
    fs::remove_dir_all(place.path().join("log")).unwrap();
    fs::rename(older.path(), place.path().join("log")).unwrap();
    let said = damage(&place);
    assert!(
        said.contains("the log ends before what the index holds"),
        "{said}"
    );
    assert!(said.contains("delete the index directory"), "{said}");
    Store::open_read_only(place.path()).unwrap_err();
    without_index(&place);
    let said = damage(&place);
    assert!(said.contains("delete the file `lock`"), "{said}");
    without_lock(&place);
    assert_eq!(payloads(&place.open(), &book(1)).len(), 20);
}

/// A store once opened at 280 of its 300 events, or at none, and nobody was told.
#[test]
fn the_end_of_the_log_cannot_be_lost_together_with_the_index_unnoticed() {
    for (lost, left) in [(6..=6, 280), (4..=6, 168), (1..=6, 0)] {
        let place = six_segments();
        let away = tempfile::tempdir().unwrap();
        let away = |number| away.path().join(format!("{number}"));
        for number in lost.clone() {
            fs::rename(segment(&place, number), away(number)).unwrap();
        }
        without_index(&place);
        for _ in 0..2 {
            let said = damage(&place);
            let expected =
                format!("the last position is {left}, although the log was synced up to 300");
            assert!(said.contains(&expected), "{said}");
            assert!(said.contains("put back what is missing"), "{said}");
        }
        let said = Store::open_read_only(place.path()).unwrap_err().to_string();
        assert!(said.contains("delete the file `lock`"), "{said}");
        for number in lost {
            assert!(
                !segment(&place, number).exists(),
                "nothing was made in its place"
            );
            fs::rename(away(number), segment(&place, number)).unwrap();
        }
        assert_eq!(place.open().read_log().to_vec().unwrap().len(), 300);
    }
}

#[test]
fn who_means_to_go_on_with_a_shorter_log_deletes_the_lock_file() {
    let place = six_segments();
    fs::remove_file(segment(&place, 6)).unwrap();
    without_index(&place);
    Store::open(place.path()).unwrap_err();
    without_lock(&place);
    for _ in 0..2 {
        assert_eq!(place.open().head(), 280);
    }
}

#[test]
fn a_lock_file_alone_is_what_is_left_of_a_store_and_not_an_empty_folder() {
    let place = six_segments();
    for part in ["log", "index"] {
        fs::remove_dir_all(place.path().join(part)).unwrap();
    }
    fs::remove_file(place.path().join("store.toml")).unwrap();
    let said = Store::open(place.path()).unwrap_err().to_string();
    assert!(said.contains("holds `lock` but no `store.toml`"), "{said}");
    without_lock(&place);
    assert_eq!(place.open().head(), 0);
}

/// A copy of an open store, made part by part, with appends in between.
#[test]
fn a_copy_with_an_early_lock_file_opens_and_one_with_a_late_one_says_so() {
    for (parts, is_lock_late) in [
        (["lock", "store.toml", "log"], false),
        (["store.toml", "log", "lock"], true),
    ] {
        let (place, backup) = (Place::new(), Place::new());
        let store = place.open();
        fs::create_dir_all(backup.path().join("log")).unwrap();
        for part in parts {
            let append = store.append(&book(1), ExpectedVersion::Any, [lent("a")]);
            let _ = append.unwrap();
            let part = if part == "log" {
                "log/0000000000000001.varve"
            } else {
                part
            };
            copy(&place.path().join(part), &backup.path().join(part));
        }
        if is_lock_late {
            let said = damage(&backup);
            assert!(
                said.contains("although the log was synced up to 3"),
                "{said}"
            );
            without_lock(&backup);
        }
        assert_eq!(backup.open().head(), if is_lock_late { 2 } else { 3 });
    }
}

#[test]
fn an_older_index_beneath_a_newer_log_catches_up() {
    let place = Place::new();
    write(&place, 0..60);
    let older = fs::read(place.path().join("index/data.mdb")).unwrap();
    write(&place, 60..150);
    fs::write(place.path().join("index/data.mdb"), older).unwrap();
    let store = place.open();
    assert_eq!(store.read_log().to_vec().unwrap().len(), 150);
    assert_eq!(payloads(&store, &book(1)).len(), 50);
}

#[test]
fn a_manifest_that_cannot_be_used_changes_nothing() {
    let place = six_segments();
    let path = place.path().join("store.toml");
    let good = fs::read_to_string(&path).unwrap();
    for (bad, expected) in [
        (String::new(), "`format` is missing"),
        ("\u{0}".into(), "store.toml"),
        (
            good.replace("format = 3", "format = 99"),
            "the version of varvedb that knows it",
        ),
        (
            good.replace("store_id = \"", "store_id = \"x"),
            "is not a UUID",
        ),
    ] {
        fs::write(&path, &bad).unwrap();
        for opened in [
            Store::open(place.path()),
            Store::open_read_only(place.path()),
        ] {
            let said = opened.unwrap_err().to_string();
            assert!(said.contains(expected), "{bad}: {said}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    Store::open(place.path()).unwrap_err();
    fs::write(&path, good).unwrap();
    assert_eq!(place.open().read_log().to_vec().unwrap().len(), 300);
}

/// It fits the log in all that is compared at the opening. Records were found at their places with their
/// positions, and nobody asked whose they were.
/// Two copies of a store that go on with an event of another stream each; the index of the second
/// lies in the first.
fn with_the_index_of_another_copy([own, other]: [&StreamId; 2]) -> Place {
    let (ours, theirs) = (Place::new(), Place::new());
    let append = |place: &Place, stream: &StreamId| {
        let store = place.open();
        let _ = store
            .append(stream, ExpectedVersion::Any, [lent("a")])
            .unwrap();
    };
    append(&ours, own);
    append(&ours, other);
    for part in ["log", "index"] {
        fs::create_dir_all(theirs.path().join(part)).unwrap();
    }
    let files = ["store.toml", "log/0000000000000001.varve", "index/data.mdb"];
    for file in files {
        copy(&ours.path().join(file), &theirs.path().join(file));
    }
    append(&ours, own);
    append(&theirs, other);
    let index = "index/data.mdb";
    copy(&theirs.path().join(index), &ours.path().join(index));
    ours
}

#[test]
fn an_index_of_another_copy_of_the_store_gives_no_stream_the_events_of_another() {
    let place = with_the_index_of_another_copy([&book(1), &book(2)]);
    let read = place.open().read_stream(&book(2)).to_vec();
    let said = read.unwrap_err().to_string();
    assert!(said.contains("not of the stream"), "{said}");
}

#[test]
fn it_gives_no_category_the_events_of_another() {
    let loan = StreamId::new("loan", 1_u64).unwrap();
    let place = with_the_index_of_another_copy([&book(1), &loan]);
    let read = place.open().read_category(loan.category()).to_vec();
    let said = read.unwrap_err().to_string();
    assert!(said.contains("not of the category"), "{said}");
}
