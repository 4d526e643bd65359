//! What opening promises.

use std::fs;
use std::time::Duration;

use varvedb::{Durability, ExpectedVersion, NewCommit, OpenError, Store, StoreOptions};

use crate::kit::{Place, book, child, child_path, lent, payloads};

fn three_events(place: &Place) {
    let store = place.open();
    for (stream, to) in [(1, "a"), (2, "b"), (1, "c")] {
        let _ = store
            .append(&book(stream), ExpectedVersion::Any, [lent(to)])
            .unwrap();
    }
}

#[test]
fn a_reopened_store_gives_the_same_answers_and_goes_on() {
    let place = Place::new();
    three_events(&place);
    let store = place.open();
    assert_eq!(store.head(), 3);
    assert_eq!(payloads(&store, &book(1)), ["a", "c"]);
    let appended = store
        .append(&book(1), varvedb::Version::new(2), [lent("d")])
        .unwrap();
    assert_eq!(appended.last_position, 4);
}

#[test]
fn without_its_index_a_store_gives_the_same_answers() {
    let place = Place::new();
    three_events(&place);
    let before = place.open().read_log().to_vec().unwrap();
    fs::remove_dir_all(place.path().join("index")).unwrap();
    let store = place.open();
    assert_eq!(store.read_log().to_vec().unwrap(), before);
    assert_eq!(payloads(&store, &book(1)), ["a", "c"]);
    assert_eq!(store.version(&book(2)).unwrap(), 1);
    let books = varvedb::Category::new("book").unwrap();
    assert_eq!(store.streams(&books, None, 9).unwrap().len(), 2);
}

#[test]
fn a_damaged_index_is_made_again() {
    let place = Place::new();
    three_events(&place);
    fs::write(place.path().join("index/data.mdb"), "not an index at all").unwrap();
    assert_eq!(payloads(&place.open(), &book(1)), ["a", "c"]);
}

#[test]
fn the_index_of_another_store_is_not_believed() {
    let (ours, other) = (Place::new(), Place::new());
    three_events(&ours);
    let _ = other
        .open()
        .append(&book(9), ExpectedVersion::Any, [lent("x")])
        .unwrap();
    for file in ["data.mdb", "lock.mdb"] {
        let (from, to) = (other.path().join("index"), ours.path().join("index"));
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let store = ours.open();
    assert_eq!(payloads(&store, &book(1)), ["a", "c"]);
    assert_eq!(store.version(&book(9)).unwrap(), 0);
}

#[test]
fn a_second_writer_in_this_process_is_told_to_clone() {
    let place = Place::new();
    let store = place.open();
    let error = Store::open(place.path()).unwrap_err();
    assert!(matches!(error, OpenError::Locked { pid, .. } if pid == std::process::id()));
    assert!(
        error
            .to_string()
            .ends_with("this is that process: clone its `Store`"),
        "{error}"
    );
    drop(store);
    Store::open(place.path()).unwrap();
}

#[test]
fn a_second_writing_process_learns_the_pid_of_the_first() {
    let place = Place::new();
    let _store = place.open();
    let child = child("open::child_that_wants_to_write", &place.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(
        said.contains(&format!("held by process {}", std::process::id())),
        "{said}"
    );
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_wants_to_write() {
    println!("{}", Store::open(child_path()).unwrap_err());
}

#[test]
fn what_is_not_a_store_is_left_alone() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    fs::write(place.path().join("thesis.txt"), "precious").unwrap();
    let error = Store::open(place.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("holds `thesis.txt` but no `store.toml`"),
        "{error}"
    );
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    let file = place.path().join("thesis.txt");
    assert!(matches!(Store::open(file), Err(OpenError::Storage(_))));
}

#[test]
fn a_store_whose_manifest_is_gone_is_not_taken_for_an_empty_folder() {
    let place = Place::new();
    three_events(&place);
    fs::remove_file(place.path().join("store.toml")).unwrap();
    assert!(matches!(
        Store::open(place.path()),
        Err(OpenError::NotAStore { .. })
    ));
}

#[test]
fn a_store_that_was_begun_and_never_finished_is_begun_again() {
    let place = Place::new();
    fs::create_dir_all(place.path().join("log")).unwrap();
    fs::write(place.path().join("lock"), "").unwrap();
    fs::write(place.path().join("store.toml.new"), "store_id").unwrap();
    assert_eq!(place.open().head(), 0);
}

#[test]
fn reading_needs_a_store() {
    let place = Place::new();
    assert!(matches!(
        Store::open_read_only(place.path()),
        Err(OpenError::Missing { .. })
    ));
    assert!(!place.path().exists());
}

#[test]
fn an_empty_store_answers_everything_with_nothing() {
    let place = Place::new();
    for _ in 0..2 {
        let store = place.open();
        assert_eq!(store.head(), 0);
        assert!(store.read_log().to_vec().unwrap().is_empty());
        assert!(store.read_log().backwards().to_vec().unwrap().is_empty());
        assert!(store.read_stream(&book(1)).to_vec().unwrap().is_empty());
        assert!(store.categories().unwrap().is_empty());
    }
}

#[test]
fn segments_are_crossed_without_a_seam() {
    let place = Place::new();
    let small = || Store::options().segment_bytes(64 << 10);
    let store = place.open_with(small());
    let payload = "x".repeat(1000);
    for number in 0..500 {
        let _ = store
            .append(&book(number % 7), ExpectedVersion::Any, [lent(&payload)])
            .unwrap();
    }
    assert!(place.log_files().len() > 5, "{:?}", place.log_files());
    let before = store.read_log().to_vec().unwrap();
    assert_eq!(before.len(), 500);
    drop(store);
    for remove_index in [false, true] {
        if remove_index {
            fs::remove_dir_all(place.path().join("index")).unwrap();
        }
        let store = place.open_with(small());
        assert_eq!(store.read_log().to_vec().unwrap(), before);
        assert_eq!(store.read_log().after(250).to_vec().unwrap(), before[250..]);
        assert_eq!(payloads(&store, &book(3)).len(), 71);
    }
}

#[test]
fn a_store_stays_where_it_is_when_the_process_goes_elsewhere() {
    let place = Place::new();
    let status = child("open::child_that_goes_elsewhere", &place.path()).status();
    assert!(status.unwrap().success());
    assert_eq!(payloads(&place.open(), &book(1)).len(), 20);
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_goes_elsewhere() {
    let path = child_path();
    std::env::set_current_dir(path.parent().unwrap()).unwrap();
    let options = Store::options().segment_bytes(64 << 10);
    let store = options.open(path.file_name().unwrap()).unwrap();
    std::env::set_current_dir("/").unwrap();
    let store = varvedb::blocking::Store::new(&store);
    for _ in 0..20 {
        let page = lent(&"x".repeat(10_000));
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [page])
            .unwrap();
    }
}

#[test]
fn missing_folders_above_a_store_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/c/library.varve");
    drop(Store::open(&path).unwrap());
    assert!(path.join("store.toml").is_file());
    fs::write(folder.path().join("file"), "").unwrap();
    let beneath_a_file = Store::open(folder.path().join("file/library.varve"));
    assert!(matches!(beneath_a_file, Err(OpenError::Storage(_))));
}

#[test]
fn reading_without_an_index_says_what_to_do() {
    let place = Place::new();
    three_events(&place);
    fs::remove_dir_all(place.path().join("index")).unwrap();
    let said = Store::open_read_only(place.path()).unwrap_err().to_string();
    assert!(
        said.ends_with("open the store for writing once, which makes it"),
        "{said}"
    );
}

#[test]
fn an_error_of_the_index_says_where_it_is_and_what_to_do() {
    let (ours, other) = (Place::new(), Place::new());
    three_events(&ours);
    three_events(&other);
    let index = ours.path().join("index");
    fs::copy(other.path().join("index/data.mdb"), index.join("data.mdb")).unwrap();
    for damage in [false, true] {
        if damage {
            fs::write(index.join("data.mdb"), "garbage").unwrap();
        }
        let said = Store::open_read_only(ours.path()).unwrap_err().to_string();
        let place = format!("could not open the index in {}: ", index.display());
        assert!(said.starts_with(&place), "{said}");
        assert!(
            said.ends_with("open the store for writing once, which makes it"),
            "{said}"
        );
    }
    assert_eq!(payloads(&ours.open(), &book(1)), ["a", "c"]);
}

#[test]
fn what_is_refused_says_what_to_do() {
    let place = Place::new();
    let said = Store::open_read_only(place.path()).unwrap_err().to_string();
    assert!(said.contains("open it for writing"), "{said}");
    three_events(&place);
    fs::write(place.path().join("log/0000000000000003.varve"), "").unwrap();
    let said = Store::open(place.path()).unwrap_err().to_string();
    assert!(
        said.contains("a segment of the log is missing; put it back"),
        "{said}"
    );
    fs::rename(
        place.path().join("store.toml"),
        place.path().join("store.txt"),
    )
    .unwrap();
    let said = Store::open(place.path()).unwrap_err().to_string();
    assert!(said.contains("put its `store.toml` back"), "{said}");
}

#[test]
fn options_may_be_any_numbers_or_say_why_not() {
    type Change = fn(StoreOptions) -> StoreOptions;
    let changes: [Change; 9] = [
        |options| options.segment_bytes(0),
        |options| options.segment_bytes(u64::MAX),
        |options| options.index_map_bytes(0),
        |options| options.index_map_bytes(usize::MAX),
        |options| options.max_tail_events(0),
        |options| options.queue_commits(0),
        |options| options.queue_commits(usize::MAX),
        |options| options.sync_within(Duration::ZERO),
        |options| options.sync_within(Duration::MAX),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let place = Place::new();
        match change(Store::options()).open(place.path()) {
            Ok(store) => {
                let buffered = NewCommit::new()
                    .append(book(1), ExpectedVersion::NoStream, [lent("a")])
                    .with_durability(Durability::Buffered);
                assert_eq!(
                    varvedb::blocking::Store::new(&store)
                        .commit(buffered)
                        .unwrap()
                        .version(),
                    1
                );
            }
            Err(error) => assert_eq!(number, 3, "{error}"),
        }
        let store = place.open();
        assert_eq!(store.head(), u64::from(number != 3));
    }
}
