//! Somebody is found by what is sealed, as long as it is not shredded.

use varvedb::StreamId;
use varvedb::blocking::{Repository, Store};

use crate::people::*;

fn found(store: &Store, email: &str) -> Vec<StreamId> {
    store.find_by::<PersonEvent>("email", lower(email)).unwrap()
}

fn stream(id: PersonId) -> StreamId {
    StreamId::new("person", id.0).unwrap()
}

#[test]
fn who_has_this_address_is_found_however_it_is_written() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    assert_eq!(found(&store, " ADA marker@example.org "), [stream(ADA)]);
    assert!(found(&store, "nobody@example.org").is_empty());
    let people = Repository::new(&store);
    let mut third = people.fresh::<Person>(PersonId(3));
    third
        .register(PersonId(3), "Third".into(), "Ada Marker@example.org".into())
        .unwrap();
    people.save(&mut third).unwrap();
    assert_eq!(
        found(&store, "ada marker@example.org"),
        [stream(ADA), stream(PersonId(3))]
    );
    assert!(files_with(registry.folder(), b"marker@example").is_empty());
}

#[test]
fn who_was_shredded_is_found_no_more_also_with_an_index_built_anew() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    assert_eq!(found(&store, "ada marker@example.org"), [stream(ADA)]);
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(receipt.rows_cleared, 1);
    assert!(found(&store, "ada marker@example.org").is_empty());
    assert_eq!(found(&store, "bob marker@example.org"), [stream(BOB)]);
    drop(store);
    std::fs::remove_dir_all(registry.store().join("index")).unwrap();
    let store = registry.open();
    assert!(found(&store, "ada marker@example.org").is_empty());
    assert_eq!(found(&store, "bob marker@example.org"), [stream(BOB)]);
}

#[test]
fn a_field_that_is_not_looked_up_is_named_with_those_that_are() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let refused = store.find_by::<PersonEvent>("name", "Ada").unwrap_err();
    insta::assert_snapshot!(refused.to_string());
}
