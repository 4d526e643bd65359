//! Look-ups while commits come in and are folded: never twice, never missing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::{Index, Order, VersionRange, add, open};
use crate::position::Position;
use crate::stream::KeyRef;

const COMMITS: u64 = 3_000;
const STREAMS: u64 = 3;

fn versions(index: &Index, key: KeyRef<'_>, order: Order) -> Vec<u64> {
    let mut out = Vec::new();
    index
        .stream_places(1, key, VersionRange::ALL, order, usize::MAX, &mut out)
        .unwrap();
    out.into_iter().map(|entry| entry.version.get()).collect()
}

fn positions(index: &Index, order: Order) -> Vec<u64> {
    let mut out = Vec::new();
    index
        .category_places(1, Position::ZERO, None, order, usize::MAX, &mut out)
        .unwrap();
    out.into_iter().map(|point| point.position.get()).collect()
}

/// Every answer is everything up to some moment that is not before the question.
fn look(index: &Index, head: &AtomicU64, turn: u64) {
    let known = head.load(Ordering::Acquire);
    let stream = turn % STREAMS;
    let key = KeyRef::Number(stream);
    let least = (known + STREAMS - 1 - stream) / STREAMS;
    let order = if turn.is_multiple_of(2) {
        Order::Forwards
    } else {
        Order::Backwards
    };
    let mut found = versions(index, key, order);
    let mut all = positions(index, order);
    if order == Order::Backwards {
        found.reverse();
        all.reverse();
    }
    assert!(
        found.iter().copied().eq(1..=found.len() as u64),
        "{found:?}"
    );
    assert!(found.len() as u64 >= least);
    assert!(all.iter().copied().eq(1..=all.len() as u64));
    assert!(all.len() as u64 >= known);
    assert!(index.version(1, key).unwrap().get() >= found.len() as u64);
}

#[test]
fn look_ups_that_race_with_folds_see_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let (head, done) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            for position in 1..=COMMITS {
                let stream = (position - 1) % STREAMS;
                let version = (position - 1) / STREAMS + 1;
                add(&index, position, &[(1, KeyRef::Number(stream), version)]);
                head.store(position, Ordering::Release);
                if position.is_multiple_of(50) {
                    thread::yield_now();
                }
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) || index.tail_events() > 0 {
                index.fold(40).unwrap();
            }
        });
        for seed in 0..2 {
            let (index, head, done) = (&index, &head, &done);
            scope.spawn(move || {
                let mut turn = seed;
                while !done.load(Ordering::Acquire) || index.tail_events() > 0 {
                    look(index, head, turn);
                    turn += 1;
                }
            });
        }
    });
    assert_eq!(index.folded().unwrap().position, COMMITS);
    look(&index, &head, 0);
}

#[test]
fn a_version_is_told_while_a_writing_transaction_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let key = KeyRef::Number(1);
    add(&index, 1, &[(1, key, 1)]);
    index.fold(1).unwrap();
    index
        .write(|_| {
            thread::scope(|scope| {
                let asked = scope.spawn(|| index.version(1, key).unwrap());
                assert_eq!(asked.join().unwrap(), 1);
            });
            assert_eq!(index.version(1, key)?, 1, "and on the thread that writes");
            Ok::<_, crate::StorageError>(())
        })
        .unwrap();
}
