//! Copies that were stopped in the middle, and went on.

use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::time::Duration;

use varvedb::{AppendError, CopyError, ExpectedVersion, Rewrite, StreamId};

use crate::kit::{Place, book, child, child_path, lent};
use crate::{Desk, append, everything, library};

/// What the copies of these stories do: a third is left out, a third changed.
fn rewrite(event: &varvedb::RecordedEvent<'_>) -> Rewrite {
    match event.position().get() % 3 {
        0 => Rewrite::drop(),
        1 => Rewrite::keep().with_payload(format!("once at {}", event.position())),
        _ => Rewrite::keep(),
    }
}

/// The child finds the source and the target in the folder that it is given.
const SOURCE: &str = "old.varve";
const TARGET: &str = "new.varve";

#[test]
fn killed_at_any_moment_the_same_call_goes_on_to_the_same_end() {
    let desk = tempfile::tempdir().unwrap();
    let (source, target) = (desk.path().join(SOURCE), desk.path().join(TARGET));
    let store = varvedb::blocking::Store::open(&source).unwrap();
    for commit in 0..1_000 {
        let events = (0..20).map(|n| lent(&format!("{commit} {n} {}", "x".repeat(100))));
        let _ = store
            .append(&book(commit % 9), ExpectedVersion::Any, events)
            .unwrap();
    }
    drop(store);
    let mut heads = Vec::new();
    for round in 0..40_u64 {
        let mut child = child("resumed::child_that_copies", desk.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 + round * 7));
        child.kill().unwrap();
        let is_done = child.wait().unwrap().success();
        if target.join("store.toml").exists() {
            heads.push(varvedb::Store::open(&target).unwrap().head().get());
        }
        if is_done {
            break;
        }
    }
    assert!(heads.is_sorted(), "nothing is copied twice: {heads:?}");
    assert!(
        heads.iter().any(|head| (1..13_333).contains(head)),
        "one at least was killed in the middle: {heads:?}"
    );
    let store = varvedb::Store::open_read_only(&source).unwrap();
    let report = store.copy_to(&target).map(|event| Ok(rewrite(event))).run();
    let report = report.unwrap();
    assert_eq!((report.read, report.dropped), (20_000, 6_666));
    let at_once = desk.path().join("at_once.varve");
    let whole = store
        .copy_to(&at_once)
        .map(|event| Ok(rewrite(event)))
        .run();
    assert_eq!(whole.unwrap().written, 13_334);
    assert!(everything(&target) == everything(&at_once));
}

#[test]
#[ignore = "the child process that is killed"]
fn child_that_copies() {
    let desk = child_path();
    let store = varvedb::Store::open_read_only(desk.join(SOURCE)).unwrap();
    let copying = store.copy_to(desk.join(TARGET));
    copying.map(|event| Ok(rewrite(event))).run().unwrap();
}

#[test]
fn a_damaged_source_is_copied_up_to_the_damage_and_on_when_it_is_mended() {
    let (source, desk) = (library(2_000), Desk::new());
    let files = source.log_files();
    assert!(files.len() > 3, "several segments");
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&files[1])
        .unwrap();
    let good = std::fs::read(&files[1]).unwrap();
    file.write_all_at(b"!!!!!!!!", 30_000).unwrap();
    let error = crate::copy(&source, &desk.path()).unwrap_err();
    assert!(
        matches!(&error, CopyError::Storage(error) if error.is_corrupt()),
        "{error}"
    );
    let there = everything(&desk.path()).len() as u64;
    assert!(there > 0 && there < 5_000, "{there}");

    file.write_all_at(&good, 0).unwrap();
    let report = crate::copy(&source, &desk.path()).unwrap();
    assert_eq!(
        (report.found, report.found + report.written),
        (there, 5_000)
    );
    assert_eq!(everything(&desk.path()), everything(&source.path()));
}

#[test]
fn an_event_that_the_new_store_refuses_ends_the_copy_there() {
    let (source, desk) = (library(200), Desk::new());
    let store = source.open();
    let titled = StreamId::text("book", "moby-dick").unwrap();
    let refused = store
        .copy_to(desk.path())
        .map(|event| match event.position().get() {
            101 => Ok(Rewrite::keep().with_stream(&titled)),
            _ => Ok(Rewrite::keep()),
        })
        .run();
    let error = refused.unwrap_err();
    assert!(matches!(error, CopyError::Append { .. }), "{error}");
    let there = everything(&desk.path());
    assert!(there.len() <= 100, "nothing behind it: {}", there.len());
    store.copy_to(desk.path()).run().unwrap();
    assert_eq!(everything(&desk.path()).len(), 500);
}

#[test]
fn when_the_disk_of_the_copy_is_full_it_goes_on_with_more_room() {
    let (source, place) = (library(4_000), Place::new());
    let room = place.path();
    std::fs::create_dir(&room).unwrap();
    let Some(disk) = crate::kit::disk::SmallDisk::mount(&room, 512) else {
        println!("SKIPPED: this process may not mount a small disk");
        return;
    };
    let target = room.join("new.varve");
    let options = || varvedb::Store::options().segment_bytes(64 << 10);
    let store = source.open();
    let error = store.copy_to(&target).options(options()).run().unwrap_err();
    let is_full = |error: &AppendError| matches!(error, AppendError::Storage(e) if e.is_full());
    assert!(
        matches!(&error, CopyError::Append { source, .. } if is_full(source)),
        "{error}"
    );
    disk.grow(64 << 10);
    append(&store, lent("meanwhile"));
    let report = store.copy_to(&target).options(options()).run().unwrap();
    assert_eq!(report.found + report.written, 10_001);
    assert!(report.found > 0, "{report:?}");
    assert!(everything(&target) == store.read_log().to_vec().unwrap());
}
