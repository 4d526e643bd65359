//! Snapshots and rows seal what is personal under the same keys, and lose it with them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use varvedb::Pii;
use varvedb::blocking::Repository;

use crate::club::*;
use crate::people::*;

#[test]
fn a_snapshot_is_sealed_and_gone_with_the_subject() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let (before, replayed) = member(&store, ADA);
    assert_eq!(replayed, 4);
    assert_eq!(
        member(&store, ADA),
        (before.clone(), 0),
        "from the snapshot"
    );
    let (bob, _) = member(&store, BOB);
    drop(store);
    assert!(files_with(registry.folder(), b"Marker").is_empty());
    let store = registry.open();
    assert_eq!(
        member(&store, ADA),
        (before.clone(), 0),
        "from the snapshot on the disk"
    );
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(
        receipt.snapshots_removed, 2,
        "her own, and Bob's, which has her name"
    );
    let (after, replayed) = member(&store, ADA);
    assert_eq!(replayed, 4, "from the events");
    let expected = Member {
        name: Pii::Shredded,
        address: Some(Pii::Shredded),
        is_forgotten: true,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(
        member(&store, ADA),
        (expected, 0),
        "a state with what is shredded can be kept"
    );
    let (bob_now, _) = member(&store, BOB);
    assert_eq!(
        bob_now,
        Member {
            friend_name: Pii::Shredded,
            ..bob
        }
    );
}

#[test]
fn a_row_is_sealed_and_keeps_what_is_not_personal() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    catch_up(&store);
    let before = entry(&store, ADA);
    assert_eq!(before.name, Pii::from("Ada Marker"));
    assert_eq!(before.phones.len(), 2);
    assert!(files_with(registry.folder(), b"Marker").is_empty());
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(receipt.rows_cleared, 1);
    let gone = Entry {
        name: Pii::Shredded,
        phones: vec![Pii::Shredded, Pii::Shredded],
        ..before
    };
    assert_eq!(entry(&store, ADA), gone);
    assert_eq!(entry(&store, BOB).name, Pii::from("Bob Marker"));
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.upgrade(9).unwrap();
    people.save(&mut ada).unwrap();
    catch_up(&store);
    assert_eq!(entry(&store, ADA), Entry { plan: 9, ..gone });
    let tables = store.tables::<Book>().unwrap();
    assert_eq!(
        tables.rows(SHREDDED).unwrap(),
        [(1, 2)],
        "the projection was told"
    );
}

#[test]
fn a_projection_that_comes_after_a_shred_finds_what_is_left() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    catch_up(&store);
    assert_eq!(entry(&store, ADA).name, Pii::Shredded);
    assert_eq!(entry(&store, BOB).name, Pii::from("Bob Marker"));
}

#[test]
fn a_snapshot_that_was_sealed_before_a_shred_does_not_come_after_it() {
    for pause in 0..8 {
        let registry = Registry::new();
        let store = registry.open_with_people();
        let is_shredded = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_shredded.load(Ordering::SeqCst) {
                    let people = Repository::new(&store);
                    let mut ada = people.load::<Person>(ADA).unwrap();
                    ada.upgrade(9).unwrap();
                    people.save(&mut ada).unwrap();
                    let _ = member(&store, ADA);
                }
            });
            std::thread::sleep(Duration::from_millis(pause));
            let _ = store.shred(subject(ADA)).run().unwrap();
            is_shredded.store(true, Ordering::SeqCst);
        });
        let again = store.shred(subject(ADA)).run().unwrap();
        assert_eq!(again.snapshots_removed, 0, "nothing was left");
    }
}
