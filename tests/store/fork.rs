//! A process that forks: its child has the store's memory and files, and none of its threads.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, Position};

use crate::kit::{Place, book, child, child_path, lent, payloads};

/// Waits for a process that must not hang, which is not the same as being quick.
fn ends_well(mut command: Command) -> bool {
    let mut process = command.stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Some(status) = process.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    false
}

/// Runs `f` in a forked child of this process, and waits for it.
fn in_a_fork(f: impl FnMut() -> io::Result<()> + Send + Sync + 'static) -> io::Result<()> {
    let mut command = Command::new("true");
    #[expect(unsafe_code, reason = "there is no other way to fork")]
    // SAFETY: What `f` does between fork and exec is what this test is about: a child that uses
    // the store all the same. No other thread of this process is in the allocator for long.
    unsafe {
        command.pre_exec(f);
    }
    command.status().map(drop)
}

#[test]
fn a_forked_child_is_refused_instead_of_waiting_for_threads_that_it_has_not() {
    for test in ["fork::child_that_writes", "fork::child_that_reads"] {
        let place = Place::new();
        drop(place.open());
        assert!(ends_well(child(test, &place.path())), "{test}");
        let expected: &[&str] = if test.ends_with("writes") {
            &["a", "b"]
        } else {
            &[]
        };
        assert_eq!(payloads(&place.open(), &book(1)), expected);
    }
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_writes() {
    let opened = varvedb::Store::open(child_path()).unwrap();
    let store = Store::new(&opened);
    let append = |store: &Store, to| store.append(&book(1), ExpectedVersion::Any, [lent(to)]);
    let _ = append(&store, "a").unwrap();
    let forked = store.clone();
    in_a_fork(move || {
        let said = append(&forked, "lost").unwrap_err().to_string();
        assert!(said.contains("was forked"), "{said}");
        refused(&forked)
    })
    .unwrap();
    let _ = append(&store, "b").unwrap();
    drop_in_a_fork(store);
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_reads() {
    let opened = varvedb::Store::open_read_only(child_path()).unwrap();
    let store = Store::new(&opened);
    drop(opened);
    let forked = store.clone();
    in_a_fork(move || refused(&forked)).unwrap();
    drop_in_a_fork(store);
}

fn refused(store: &Store) -> io::Result<()> {
    for said in [
        store.read_log().to_vec().unwrap_err().to_string(),
        store
            .read_stream(&book(1))
            .to_vec()
            .unwrap_err()
            .to_string(),
        store.version(&book(1)).unwrap_err().to_string(),
        store.head_after(Position::new(9)).unwrap_err().to_string(),
    ] {
        if !said.contains("was forked") {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
    }
    Ok(())
}

/// A child that ends drops what it has inherited.
fn drop_in_a_fork(store: Store) {
    let mut store = Some(store);
    in_a_fork(move || {
        drop(store.take());
        Ok(())
    })
    .unwrap();
}
