//! A store written anew keeps what is sealed as it is, and whose it is.

use std::path::PathBuf;

use varvedb::blocking::{Repository, Store};
use varvedb::{CopyError, Rewrite, RewriteError};
use varvedb::{Pii, RecordedEvent, StreamId};

use crate::people::*;

fn copy_path(registry: &Registry) -> PathBuf {
    registry.folder().join("copy")
}

/// Ends the store, and opens its copy with the same vault.
fn open_copy(registry: &Registry, store: Store) -> Store {
    drop(store);
    let vault = registry.vault_options().adopt();
    let options = varvedb::Store::options().vault(vault);
    Store::new(&options.open(copy_path(registry)).unwrap())
}

fn refusal(rewrite: impl FnMut(&RecordedEvent<'_>) -> Result<Rewrite, RewriteError>) -> CopyError {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let copy = store.copy_to(copy_path(&registry)).map(rewrite);
    copy.run().unwrap_err()
}

#[test]
fn people_are_in_the_copy_as_they_were() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let before = (load(&store, ADA), load(&store, BOB));
    store.copy_to(copy_path(&registry)).run().unwrap();
    let copy = open_copy(&registry, store);
    assert_eq!((load(&copy, ADA), load(&copy, BOB)), before);
    assert_eq!(before.0.name, Pii::Shredded);
    assert_eq!(before.1.name, Pii::from("Bob Marker"));
    let mail = lower("Bob Marker@example.org");
    let found = copy.find_by::<PersonEvent>("email", mail).unwrap();
    assert_eq!(found, [StreamId::new("person", BOB.0).unwrap()]);
    assert!(files_with(&copy_path(&registry), b"Marker").is_empty());
}

#[test]
fn a_copy_goes_on_with_what_the_source_has_got_since_and_needs_no_key() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let first = store.copy_to(copy_path(&registry)).run().unwrap();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let people = Repository::new(&store);
    let mut bob = people.load::<Person>(BOB).unwrap();
    bob.invoice(address("New Street"), 7).unwrap();
    people.save(&mut bob).unwrap();
    drop((bob, people));
    let second = store.copy_to(copy_path(&registry)).run().unwrap();
    assert_eq!((second.found, second.written), (first.written, 2));
    let before = (load(&store, ADA), load(&store, BOB));
    let copy = open_copy(&registry, store);
    assert_eq!((load(&copy, ADA), load(&copy, BOB)), before);
    assert_eq!(before.1.address, Some(address("New Street").into()));
}

/// Opened for a log in which nobody is shredded yet, the vault would write down there that somebody is, and be taken from the
/// source.
#[test]
fn the_vault_is_left_alone_while_a_store_is_copied() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let options = || varvedb::Store::options().vault(registry.vault_options().adopt());
    let copy = store.copy_to(copy_path(&registry)).options(options());
    copy.run().unwrap();
    drop(store);
    let source = varvedb::Store::open_read_only(registry.store()).unwrap();
    let copy = source.copy_to(copy_path(&registry)).options(options());
    copy.run().unwrap();
    drop(source);
    let store = registry.open();
    assert_eq!(
        load(&store, BOB).name,
        Pii::from("Bob Marker"),
        "it is the source's"
    );
    let copy = open_copy(&registry, store);
    assert_eq!(load(&copy, ADA).name, Pii::Shredded);
    assert_eq!(load(&copy, BOB).name, Pii::from("Bob Marker"));
}

#[test]
fn who_is_shredded_after_a_copy_is_gone_from_both() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    store.copy_to(copy_path(&registry)).run().unwrap();
    let copy = open_copy(&registry, store);
    let _ = copy.shred(subject(ADA)).run().unwrap();
    assert_eq!(load(&copy, ADA).name, Pii::Shredded);
    drop(copy);
    let vault = registry.vault_options().adopt();
    let options = varvedb::Store::options().vault(vault);
    let store = Store::new(&options.open(registry.store()).unwrap());
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
}

#[test]
fn events_with_boxes_may_move_to_another_stream() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let elsewhere = StreamId::new("person", 77).unwrap();
    let ada = StreamId::new("person", ADA.0).unwrap();
    let copy = store.copy_to(copy_path(&registry)).map(|event| {
        let is_ada = event.stream() == ada.as_ref();
        let kept = Rewrite::keep();
        Ok(if is_ada {
            kept.with_stream(&elsewhere)
        } else {
            kept
        })
    });
    copy.run().unwrap();
    let copy = open_copy(&registry, store);
    assert_eq!(load(&copy, PersonId(77)).name, Pii::from("Ada Marker"));
}

#[test]
fn nothing_is_done_that_would_shut_a_box_for_ever() {
    let other = varvedb::TypeName::new("person.known").unwrap();
    let renamed = refusal(|_| Ok(Rewrite::keep().with_type(&other)));
    assert!(matches!(renamed, CopyError::Sealed { .. }), "{renamed:?}");
    insta::assert_snapshot!(renamed.to_string());
    let renumbered = refusal(|_| Ok(Rewrite::keep().with_revision(2)));
    assert!(
        matches!(renumbered, CopyError::Sealed { .. }),
        "{renumbered:?}"
    );
    let upcast = refusal(Rewrite::upcast::<PersonEvent>);
    insta::assert_snapshot!(upcast.to_string());
}
