//! Copies that change nothing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;

use varvedb::{ExpectedVersion, ManualClock, Timestamp};

use crate::kit::{Place, book, child, child_path, lent};
use crate::{Desk, append, copy, everything, library};

#[test]
fn a_copy_holds_what_the_source_does() {
    let (source, desk) = (library(200), Desk::new());
    let report = copy(&source, &desk.path()).unwrap();
    assert_eq!(everything(&desk.path()), everything(&source.path()));
    assert_eq!((report.read, report.kept, report.written), (500, 500, 500));
    assert_eq!((report.changed, report.dropped, report.found), (0, 0, 0));
}

#[test]
fn the_source_is_not_touched() {
    let (source, desk) = (library(50), Desk::new());
    let files = || -> Vec<Vec<u8>> {
        let mut files = source.log_files();
        files.extend(["store.toml", "lock"].map(|name| source.path().join(name)));
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    };
    let before = files();
    copy(&source, &desk.path()).unwrap();
    assert!(files() == before, "byte for byte");
}

#[test]
fn an_empty_store_has_an_empty_copy() {
    let (source, desk) = (library(0), Desk::new());
    let report = copy(&source, &desk.path()).unwrap();
    assert_eq!((report.read, report.written), (0, 0));
    assert_eq!(everything(&desk.path()), []);
}

#[test]
fn large_events_and_large_commits_are_copied() {
    let (source, desk) = (Place::new(), Desk::new());
    let large = |megabytes: usize| lent(&"x".repeat(megabytes << 20));
    let store = source.open();
    append(&store, large(16));
    let _ = store
        .append(
            &book(2),
            ExpectedVersion::Any,
            [large(15), large(15), large(15)],
        )
        .unwrap();
    let many = (0..10_000).map(|n| lent(&n.to_string()));
    let _ = store.append(&book(3), ExpectedVersion::Any, many).unwrap();
    store.copy_to(desk.path()).run().unwrap();
    drop(store);
    assert!(everything(&desk.path()) == everything(&source.path()));
}

#[test]
fn what_is_appended_to_a_copy_is_not_earlier_than_what_was_copied() {
    let (source, desk) = (Place::new(), Desk::new());
    let at = |seconds: i64| {
        Arc::new(ManualClock::new(Timestamp::from_micros(
            seconds * 1_000_000,
        )))
    };
    let store = source.open_with(varvedb::Store::options().clock(at(2_000)));
    append(&store, lent("in the future"));
    store.copy_to(desk.path()).run().unwrap();
    let options = varvedb::Store::options().clock(at(1_000));
    let copied = varvedb::blocking::Store::new(&options.open(desk.path()).unwrap());
    append(&copied, lent("now"));
    let events = copied.read_log().to_vec().unwrap();
    assert_eq!(events[1].time, events[0].time);
    assert_eq!(events[1].version, 2);
}

#[test]
fn a_store_is_copied_while_its_process_writes_to_it() {
    let (source, desk) = (library(100), Desk::new());
    let store = source.open();
    let report = std::thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|n| append(&store, lent(&n.to_string()))));
        store.copy_to(desk.path()).run().unwrap()
    });
    let copied = everything(&desk.path());
    assert_eq!(report.head, copied.len() as u64);
    let all = store.read_log().to_vec().unwrap();
    assert_eq!(copied, all[..copied.len()]);

    let rest = store.copy_to(desk.path()).run().unwrap();
    assert_eq!((rest.found, rest.read), (report.read, all.len() as u64));
    assert_eq!(everything(&desk.path()), all);
}

#[test]
fn a_store_is_copied_beside_another_process_that_writes_to_it() {
    let (source, desk) = (library(100), Desk::new());
    let mut child = child("whole::child_that_appends", &source.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
    let reader = varvedb::Store::open_read_only(source.path()).unwrap();
    let mut heads = Vec::new();
    for _ in 0..3 {
        let report = reader.copy_to(desk.path()).run().unwrap();
        heads.push(report.head);
        pollster::block_on(reader.head_after(report.head)).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    assert!(heads.is_sorted() && heads[0] < heads[2], "{heads:?}");
    let all = everything(&source.path());
    let copied = everything(&desk.path());
    assert_eq!(heads[2], copied.len() as u64);
    assert_eq!(copied, all[..copied.len()]);
}

#[test]
#[ignore = "the child process that writes beside the copy"]
fn child_that_appends() {
    let store = varvedb::blocking::Store::open(child_path()).unwrap();
    println!("\nready");
    loop {
        append(&store, lent("for ever"));
    }
}

#[test]
fn progress_goes_to_the_end_twice() {
    let (source, desk) = (library(2_000), Desk::new());
    let store = source.open();
    let mut told = Vec::new();
    store
        .copy_to(desk.path())
        .on_progress(|progress| told.push((progress.is_verifying, progress.position.get())))
        .run()
        .unwrap();
    assert!(told.is_sorted() && told.len() >= 4, "{told:?}");
    assert!(told.contains(&(false, 5_000)) && told.contains(&(true, 5_000)));
}
