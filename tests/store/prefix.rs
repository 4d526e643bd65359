//! Whatever a reading process asks, the answer is a prefix of what was committed.

use std::ops::ControlFlow;
use std::process::Stdio;
use std::time::{Duration, Instant};

use varvedb::{Category, ExpectedVersion, NewCommit, RecordedEvent, Store};

use crate::kit::{Place, book, child, child_path, lent};

/// How long the reader hammers.
const SPAN: Duration = Duration::from_secs(3);
const STREAMS: u64 = 3;

/// Commit n goes to stream n % 3 and then to stream 9, so position, stream and version of every
/// event follow from one another.
#[test]
fn a_reader_beside_a_busy_writer_sees_only_prefixes() {
    let place = Place::new();
    let options = Store::options().segment_bytes(64 << 10).max_tail_events(32);
    let store = place.open_with(options);
    let mut reader = child("prefix::child_that_hammers", &place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut number = 0;
    while reader.try_wait().unwrap().is_none() {
        let event = || lent(&format!("{number} {}", "x".repeat(200)));
        let commit = NewCommit::new()
            .append(book(number % STREAMS), ExpectedVersion::Any, [event()])
            .append(book(9), ExpectedVersion::Any, [event()]);
        let _ = store.commit(commit).unwrap();
        number += 1;
    }
    let output = reader.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let rounds = said.lines().find_map(|l| l.strip_prefix("rounds: "));
    println!("{} commits, {} rounds of reads", number, rounds.unwrap());
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_hammers() {
    let store = Store::open_read_only(child_path()).unwrap();
    let begun = Instant::now();
    let rounds: u64 = std::thread::scope(|scope| {
        let hammer = |at: u64| {
            let store = &store;
            move || {
                let mut rounds = 0;
                while begun.elapsed() < SPAN {
                    check(store, at + rounds);
                    rounds += 1;
                }
                rounds
            }
        };
        let threads = [0, 1].map(|at| scope.spawn(hammer(at)));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert!(store.head().get() > 100, "the writer got something done");
    println!("\nrounds: {rounds}");
}

/// One read of every kind, between two looks at the head.
fn check(store: &Store, round: u64) {
    let before = store.head().get();
    match round % 6 {
        0 => {
            let last = dense(store, 0, |log| log);
            assert!(last >= before && last.is_multiple_of(2), "whole commits");
        }
        1 => {
            let from = before.saturating_sub(50);
            assert!(dense(store, from, |log| log.after(from)) >= before);
        }
        2 => {
            let category = Category::new("book").unwrap();
            let events = store
                .read_category(&category)
                .backwards()
                .limit(20)
                .to_vec()
                .unwrap();
            let positions: Vec<_> = events.iter().map(|event| event.position.get()).collect();
            assert!(positions.windows(2).all(|pair| pair[0] == pair[1] + 1));
            assert!(positions.first().copied().unwrap_or(0) >= before);
        }
        3 => {
            let mut version = 0;
            let stream = book(9);
            let visit = |event: &RecordedEvent<'_>| {
                version += 1;
                assert_eq!(
                    (event.version().get(), event.position().get()),
                    (version, version * 2)
                );
                ControlFlow::Continue(())
            };
            store.read_stream(&stream).visit(visit).unwrap();
            assert!(version * 2 >= before && version * 2 <= store.head().get());
        }
        4 => {
            let last = store
                .read_stream(&book(9))
                .backwards()
                .limit(1)
                .to_vec()
                .unwrap();
            let version = last.first().map_or(0, |event| event.version.get());
            assert!(version * 2 >= before && version * 2 <= store.head().get());
        }
        _ => {
            let version = store.version(&book(9)).unwrap().get();
            assert!(version * 2 >= before && version * 2 <= store.head().get());
            let category = Category::new("book").unwrap();
            let streams = store.streams(&category, None, 10).unwrap();
            let after = store.head().get();
            assert!(
                streams
                    .iter()
                    .all(|(_, version)| version.get() * 2 <= after)
            );
        }
    }
}

/// Reads the log behind `from`, and gives the last position.
fn dense(
    store: &Store,
    from: u64,
    narrow: impl FnOnce(varvedb::ReadLog<'_>) -> varvedb::ReadLog<'_>,
) -> u64 {
    let mut last = from;
    let visit = |event: &RecordedEvent<'_>| {
        last += 1;
        assert_eq!(event.position(), last);
        ControlFlow::Continue(())
    };
    narrow(store.read_log()).visit(visit).unwrap();
    last
}
