//! The index's disk is full while the log's is not.

use varvedb::{AppendError, ExpectedVersion, NewCommit, Store};

use crate::kit::disk::SmallDisk;
use crate::kit::{Place, book, lent};

#[test]
fn while_the_index_has_no_disk_appends_are_refused_in_the_end_and_none_is_lost() {
    let place = Place::new();
    let index = place.path().join("index");
    drop(place.open());
    std::fs::remove_dir_all(&index).unwrap();
    std::fs::create_dir(&index).unwrap();
    let Some(disk) = SmallDisk::mount(&index, 512) else {
        println!("SKIPPED: this process may not mount a small disk");
        return;
    };
    let store = place.open_with(Store::options().max_tail_events(2_000));
    let mut answered = 0_u64;
    let refusal = loop {
        assert!(answered < 1_000_000, "a disk of 512 KiB cannot hold them");
        // Many streams take much of the index.
        let commit = (0..100).fold(NewCommit::new(), |commit, stream| {
            commit.append(book(answered + stream), ExpectedVersion::Any, [lent("x")])
        });
        match store.commit(commit) {
            Ok(appended) => answered = appended.last_position.get(),
            Err(AppendError::Storage(error)) => break error,
            Err(error) => panic!("{error}"),
        }
    };
    println!("after {answered} events: {refusal}");
    assert!(refusal.is_full(), "{refusal}");
    assert_eq!(store.head(), answered);
    assert_eq!(store.read_log().to_vec().unwrap().len() as u64, answered);

    disk.grow(64 << 10);
    let mut tries = 0;
    while let Err(error) = store.append(&book(1), ExpectedVersion::Any, [lent("again")]) {
        tries += 1;
        assert!(tries < 100, "with room again, appends go on: {error}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(store);
    let store = place.open();
    assert_eq!(
        store.read_log().to_vec().unwrap().len() as u64,
        answered + 1
    );
    drop(store);
}
