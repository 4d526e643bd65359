//! Shredding: exactly one person's data is gone, and the store says so in its place among all events.

use varvedb::blocking::Repository;
use varvedb::privacy::ShredError;
use varvedb::{AppendError, Category, Pii, SaveError, Subject};

use crate::people::*;

#[test]
fn exactly_the_one_who_was_shredded_is_gone() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let bob = load(&store, BOB);
    let receipt = store
        .shred(subject(ADA))
        .reason("request 4711")
        .run()
        .unwrap();
    assert_eq!(
        (receipt.keys_erased, receipt.keys_gone, receipt.replicas),
        (2, 2, 2)
    );
    assert_eq!(receipt.position, store.head());
    let ada = load(&store, ADA);
    assert_eq!(ada.name, Pii::Shredded);
    assert_eq!(ada.called.as_deref(), Some("somebody"), "the fallback");
    assert_eq!(ada.address, Some(Pii::Shredded));
    assert_eq!(
        ada.middle_name,
        Some(Pii::Shredded),
        "that there was one is not personal"
    );
    assert_eq!(ada.phones, [Pii::Shredded, Pii::Shredded]);
    assert_eq!(
        ada.friend_names,
        [Pii::from("friend of Ada Marker")],
        "that is Bob's"
    );
    let bob_now = load(&store, BOB);
    assert_eq!(
        bob_now.friend_names,
        [Pii::Shredded],
        "what Bob said of Ada was Ada's"
    );
    assert_eq!(
        Person {
            friend_names: bob.friend_names.clone(),
            ..bob_now
        },
        bob
    );
}

#[test]
fn it_is_so_after_reopening_and_with_the_index_built_anew() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let before = (load(&store, ADA), load(&store, BOB));
    drop(store);
    std::fs::remove_dir_all(registry.store().join("index")).unwrap();
    let store = registry.open();
    assert_eq!((load(&store, ADA), load(&store, BOB)), before);
}

#[test]
fn one_purpose_is_shredded_and_another_kept() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let receipt = store.shred(subject(ADA)).purpose("general").run().unwrap();
    assert_eq!(receipt.keys_erased, 1);
    let ada = load(&store, ADA);
    assert_eq!(ada.name, Pii::Shredded);
    assert_eq!(ada.address, Some(Pii::Known(address("Ada Marker Street"))));
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.invoice(address("new street"), 5).unwrap();
    people.save(&mut ada).unwrap();
    ada.refer(BOB, "words".into(), "Bob".into()).unwrap();
    assert!(people.save(&mut ada).is_err(), "`general` is fenced");
}

#[test]
fn to_shred_again_is_no_mistake_and_writes_nothing() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let first = store.shred(subject(ADA)).run().unwrap();
    let again = store.shred(subject(ADA)).run().unwrap();
    assert_eq!((again.keys_erased, again.keys_gone), (0, 2));
    assert_eq!(again.position, first.position);
    assert_eq!(store.head(), first.position);
}

#[test]
fn who_was_never_known_is_not_found() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let head = store.head();
    let nobody = Subject::new("person", 99).unwrap();
    let refused = store.shred(nobody).run().unwrap_err();
    assert!(
        matches!(refused, ShredError::NotFound { .. }),
        "{refused:?}"
    );
    insta::assert_snapshot!(refused.to_string());
    assert_eq!(store.head(), head);
}

#[test]
fn a_purpose_that_is_no_name_is_nobodys() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let head = store.head();
    for purpose in ["", "two words", "a\nb", &"x".repeat(65)] {
        let refused = store.shred(subject(ADA)).purpose(purpose).run();
        assert!(
            matches!(refused, Err(ShredError::NotFound { .. })),
            "{purpose:?}"
        );
        let refused = store.reenroll(subject(ADA)).purpose(purpose).run();
        assert!(
            matches!(refused, Err(ShredError::NotFound { .. })),
            "{purpose:?}"
        );
    }
    assert_eq!(store.head(), head);
}

#[test]
fn after_it_nothing_personal_is_taken_until_they_are_enrolled_again() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.upgrade(2).unwrap();
    people.save(&mut ada).unwrap();
    ada.list(None, vec!["123".into()]).unwrap();
    let refused = people.save(&mut ada).unwrap_err();
    assert!(
        matches!(&refused, SaveError::SubjectShredded { .. }),
        "{refused:?}"
    );
    insta::assert_snapshot!(refused.to_string());
    store
        .reenroll(subject(ADA))
        .reason("came back")
        .run()
        .unwrap();
    people.save(&mut ada).unwrap();
    let now = load(&store, ADA);
    assert_eq!(now.phones, [Pii::from("123")]);
    assert_eq!(now.name, Pii::Shredded, "what was shredded stays so");
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!((receipt.keys_erased, receipt.keys_gone), (1, 3));
    assert_eq!(load(&store, ADA).phones, [Pii::Shredded]);
}

#[test]
fn what_was_sealed_before_a_shred_and_comes_after_it_is_refused() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let people = Repository::new(&store);
    let refused = std::thread::scope(|scope| {
        let appending = scope.spawn(|| {
            for number in 0.. {
                let mut ada = people.load::<Person>(ADA).unwrap();
                ada.list(None, vec![number.to_string()]).unwrap();
                if let Err(refused) = people.save(&mut ada) {
                    return refused;
                }
            }
            unreachable!()
        });
        std::thread::sleep(std::time::Duration::from_millis(20));
        let _ = store.shred(subject(ADA)).run().unwrap();
        appending.join().unwrap()
    });
    let is_refusal = matches!(
        &refused,
        SaveError::SubjectShredded { .. } | SaveError::Append(AppendError::SubjectShredded { .. })
    );
    assert!(is_refusal, "{refused:?}");
    assert!(load(&store, ADA).phones.iter().all(Pii::is_shredded));
}

#[test]
fn the_streams_of_the_store_itself_are_not_for_others() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let category = Category::new("varve_subject").unwrap();
    let events = store.read_category(&category).to_vec().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].type_name.as_str(), "varve_subject.shredded");
    let forged = varvedb::NewEvent::new(events[0].type_name.clone(), events[0].payload.clone());
    let refused = store.append(&events[0].stream, varvedb::ExpectedVersion::Any, [forged]);
    insta::assert_snapshot!(refused.unwrap_err().to_string());
}

#[test]
fn a_shred_that_could_not_be_written_down_is_written_down_when_it_is_asked_for_again() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let before = store.head();
    let endless = "x".repeat(17 << 20);
    let refused = store.shred(subject(ADA)).reason(endless).run().unwrap_err();
    assert!(
        matches!(refused, ShredError::Incomplete { .. }),
        "{refused}"
    );
    let receipt = store
        .shred(subject(ADA))
        .reason("request 4711")
        .run()
        .unwrap();
    assert_eq!(store.head(), before.next());
    assert_eq!(receipt.position, store.head());
}
