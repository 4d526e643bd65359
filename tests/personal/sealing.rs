//! What is personal is never in the clear on the disk, and is itself again when it is read.

use varvedb::blocking::Repository;
use varvedb::{Pii, RegisterError, SaveError, Store};

use crate::people::*;

#[test]
fn what_was_saved_is_loaded_and_no_file_shows_it() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let ada = load(&store, ADA);
    assert_eq!(ada.name, Pii::from("Ada Marker"));
    assert_eq!(ada.address, Some(Pii::Known(address("Ada Marker Street"))));
    assert_eq!(ada.friend_names, [Pii::from("friend of Ada Marker")]);
    assert_eq!(ada.middle_name, Some(Pii::from("Ada Marker Middle")));
    assert_eq!(
        ada.phones,
        [Pii::from("Ada Marker 1"), Pii::from("Ada Marker 2")]
    );
    drop(store);
    assert!(files_with(registry.folder(), b"Marker").is_empty());
    assert_eq!(load(&registry.open(), ADA), ada, "after reopening");
}

#[test]
fn the_same_words_are_sealed_otherwise_each_time() {
    let registry = Registry::new();
    let store = registry.open();
    let people = Repository::new(&store);
    let mut payloads = Vec::new();
    for id in [PersonId(7), PersonId(8)] {
        let mut person = people.fresh::<Person>(id);
        person.register(id, "same".into(), "same".into()).unwrap();
        people.save(&mut person).unwrap();
    }
    for event in store.read_log().to_vec().unwrap() {
        payloads.push(event.payload);
    }
    assert_ne!(payloads[0], payloads[1]);
    assert_eq!(payloads[0].len(), payloads[1].len());
}

#[test]
fn debug_shows_nothing_personal() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let shown = format!("{:?} {:?}", load(&store, ADA).name, Repository::new(&store));
    assert!(!shown.contains("Marker"), "{shown}");
    let event = PersonEvent::Registered {
        id: ADA,
        name: "Ada Marker".into(),
        email: "Marker".into(),
        plan: 1,
    };
    insta::assert_snapshot!(format!("{event:?}"));
}

#[test]
fn without_a_vault_nothing_personal_is_saved() {
    let registry = Registry::new();
    let store = Store::open(registry.store()).unwrap();
    let people = Repository::new(&store);
    let mut ada = people.fresh::<Person>(ADA);
    ada.register(ADA, "Ada".into(), "ada".into()).unwrap();
    let refused = people.save(&mut ada).unwrap_err();
    assert!(
        matches!(refused, SaveError::Schema(RegisterError::NoVault { .. })),
        "{refused:?}"
    );
    insta::assert_snapshot!(refused.to_string());
    assert_eq!(store.head(), 0);
}

#[test]
fn a_shredded_value_cannot_be_stored_again() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let head = store.head();
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    let words = Pii::Shredded;
    let event = PersonEvent::Referred {
        id: ADA,
        friend: BOB,
        words,
        friend_name: "Bob".into(),
    };
    ada.execute(move |_: &Person| Ok::<_, Never>(vec![event]))
        .unwrap();
    insta::assert_snapshot!(people.save(&mut ada).unwrap_err().to_string());
    assert_eq!(store.head(), head);
}
