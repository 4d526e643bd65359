//! Where a copy cannot be made.

use std::fs;
use std::sync::Arc;

use uuid::Uuid;
use varvedb::prelude::*;
use varvedb::{CopyError, ExpectedVersion, ManualClock, Metadata, Rewrite, Timestamp, TypeName};

use crate::kit::{Place, book, lent};
use crate::{Desk, append, copy, everything, library};

#[test]
fn a_store_is_not_copied_onto_itself_or_into_itself() {
    let source = library(3);
    let onto = copy(&source, &source.path()).unwrap_err();
    assert!(matches!(onto, CopyError::Itself { .. }), "{onto}");
    for inside in [
        "copy",
        "log",
        "log/../index/copy",
        "../none/../library.varve/copy",
    ] {
        let inside = copy(&source, &source.path().join(inside)).unwrap_err();
        assert!(matches!(inside, CopyError::Inside { .. }), "{inside}");
    }
    assert!(!source.path().join("copy").exists());
}

#[cfg(unix)]
#[test]
fn a_link_to_the_source_is_the_source() {
    let (source, desk) = (library(3), Desk::new());
    std::os::unix::fs::symlink(source.path(), desk.path()).unwrap();
    let onto = copy(&source, &desk.path()).unwrap_err();
    assert!(matches!(onto, CopyError::Itself { .. }), "{onto}");
    let inside = copy(&source, &desk.path().join("copy")).unwrap_err();
    assert!(matches!(inside, CopyError::Inside { .. }), "{inside}");
}

#[test]
fn the_folder_around_the_source_is_no_place() {
    let source = library(3);
    let around = source.path().parent().unwrap().to_owned();
    let error = copy(&source, &around).unwrap_err();
    assert!(error.to_string().contains("is not a store"), "{error}");
    assert!(!around.join("store.toml").exists());
}

#[test]
fn a_copy_of_the_files_is_the_same_store() {
    let (source, desk) = (library(3), Desk::new());
    fs::create_dir_all(desk.path().join("log")).unwrap();
    for name in ["store.toml", "log/0000000000000001.varve"] {
        fs::copy(source.path().join(name), desk.path().join(name)).unwrap();
    }
    let error = copy(&source, &desk.path()).unwrap_err();
    assert!(matches!(error, CopyError::Itself { .. }), "{error}");
}

#[test]
fn a_target_that_holds_something_else_is_left_as_it_is() {
    let (source, other) = (library(3), library(2));
    let before = everything(&other.path());
    let error = copy(&source, &other.path()).unwrap_err();
    assert!(matches!(error, CopyError::NotThisCopy { .. }), "{error}");
    assert_eq!(everything(&other.path()), before);
}

#[test]
fn a_copy_by_another_function_is_refused_at_its_first_event_that_differs() {
    let (source, desk) = (library(10), Desk::new());
    let store = source.open();
    store.copy_to(desk.path()).run().unwrap();
    let before = everything(&desk.path());
    let other = store
        .copy_to(desk.path())
        .map(|event| match event.type_name() {
            "book.returned" => Ok(Rewrite::keep().with_payload("thanks")),
            _ => Ok(Rewrite::keep()),
        })
        .run();
    insta::assert_snapshot!(other.unwrap_err());
    assert_eq!(everything(&desk.path()), before);
}

/// One event in one commit, or two, at this time and with ids from this one on.
fn a_store(seconds: i64, id: u128, events: u128) -> Place {
    let place = Place::new();
    let time = Timestamp::from_micros(seconds * 1_000_000);
    let clock = Arc::new(ManualClock::new(time));
    let store = place.open_with(Store::options().clock(clock));
    let events = (id..id + events).map(|id| lent("").with_id(Uuid::from_u128(id)));
    let _ = store
        .append(&book(1), ExpectedVersion::Any, events)
        .unwrap();
    drop(store);
    place
}

/// Copies the first store by a function, then the second as it is to the same place.
fn difference(first: &Place, rewrite: impl Fn() -> Rewrite, second: &Place) -> (u64, &'static str) {
    let desk = Desk::new();
    let store = first.open();
    let copying = store.copy_to(desk.path()).map(|_| Ok(rewrite()));
    copying.run().unwrap();
    drop(store);
    match copy(second, &desk.path()).unwrap_err() {
        CopyError::NotThisCopy { position, what } => (position.get(), what),
        error => panic!("{error}"),
    }
}

#[derive(VarveEvent)]
#[varve(stream = "book")]
enum BookEvent {
    Lent {},
}

#[test]
fn nothing_may_be_another_in_what_is_there() {
    let (one, two) = (a_store(1, 7, 1), a_store(1, 7, 2));
    let returned = TypeName::new("book.returned").unwrap();
    let actor = Metadata {
        actor: Some("desk 1".to_owned()),
        ..Metadata::default()
    };
    let changed: [(&str, &dyn Fn() -> Rewrite); 6] = [
        ("the stream is another", &|| {
            Rewrite::keep().with_stream(&book(2))
        }),
        ("the type is another", &|| {
            Rewrite::keep().with_type(&returned)
        }),
        ("the revision is another", &|| {
            Rewrite::keep().with_revision(2)
        }),
        ("the payload is another", &|| {
            Rewrite::keep().with_payload("thanks")
        }),
        ("the metadata is another", &|| {
            Rewrite::keep().with_metadata(&actor)
        }),
        ("the layout is another", &|| {
            Rewrite::event(&BookEvent::Lent {}).unwrap()
        }),
    ];
    for (what, rewrite) in changed {
        assert_eq!(difference(&one, rewrite, &one), (1, what));
    }
    let other = |other: &Place| difference(&one, Rewrite::keep, other);
    assert_eq!(other(&a_store(1, 8, 1)), (1, "the id is another"));
    assert_eq!(other(&a_store(2, 7, 1)), (1, "the time is another"));
    assert_eq!(other(&two), (2, "the commit has another length"));
    let shorter = difference(&two, Rewrite::keep, &one);
    assert_eq!(shorter, (2, "the commit has another length"));
}

#[test]
fn a_copy_that_lives_its_own_life_is_not_gone_on_with() {
    let (source, desk) = (library(3), Desk::new());
    copy(&source, &desk.path()).unwrap();
    let copied = varvedb::blocking::Store::open(desk.path()).unwrap();
    append(&copied, lent("its own"));
    drop(copied);
    insta::assert_snapshot!(copy(&source, &desk.path()).unwrap_err());
    let store = source.open();
    append(&store, lent("another"));
    let error = store.copy_to(desk.path()).run().unwrap_err();
    assert!(matches!(error, CopyError::NotThisCopy { .. }), "{error}");
}

#[test]
fn a_function_that_changes_its_mind_is_found_out() {
    let (source, desk) = (library(3), Desk::new());
    let store = source.open();
    let mut asked = 0_u64;
    let error = store
        .copy_to(desk.path())
        .map(|_| {
            asked += 1;
            Ok(Rewrite::keep().with_payload(asked.to_string()))
        })
        .run()
        .unwrap_err();
    assert!(matches!(error, CopyError::Unverified { .. }), "{error}");
}
