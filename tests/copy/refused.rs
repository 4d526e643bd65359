//! Where a copy cannot be made.

use std::fs;

use varvedb::{CopyError, Rewrite};

use crate::kit::lent;
use crate::{Desk, append, copy, everything, library};

#[test]
fn a_store_is_not_copied_onto_itself_or_into_itself() {
    let source = library(3);
    let onto = copy(&source, &source.path()).unwrap_err();
    assert!(matches!(onto, CopyError::Itself { .. }), "{onto}");
    for inside in ["copy", "log", "log/../index/copy"] {
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
