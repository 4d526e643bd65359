//! Waiting for the head: by looking at it, so that no wake-up can be lost.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use varvedb::blocking::Store;
use varvedb::{Durability, ExpectedVersion, NewCommit, Position};

use crate::kit::{book, fresh, lent};

/// So many that the wait and the append meet in every way they can.
const ROUNDS: u64 = 5_000;

#[test]
fn whoever_waits_for_an_append_hears_of_it_each_time() {
    let store = fresh();
    let (seen, news) = channel();
    let waiting = Store::clone(&store);
    thread::spawn(move || {
        for round in 0..ROUNDS {
            let head = waiting.head_after(round.into()).unwrap();
            seen.send(head).unwrap();
        }
    });
    for round in 1..=ROUNDS {
        // Not synced, so that the append is about as quick as the wait for it.
        let commit = NewCommit::new()
            .append(book(1), ExpectedVersion::Any, [lent("anybody")])
            .with_durability(Durability::Buffered);
        let _ = store.commit(commit).unwrap();
        // Who missed the wake-up would wait for ever: the next append waits for this answer.
        let head = news.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(head.get(), round);
    }
}

#[test]
fn what_was_answered_is_read_at_once_by_everybody() {
    let store = fresh();
    for round in 1..=100 {
        let appended = store
            .append(&book(1), ExpectedVersion::Any, [lent("anybody")])
            .unwrap();
        let head = thread::scope(|scope| scope.spawn(|| store.head()).join().unwrap());
        let round = Position::new(round);
        assert_eq!((appended.last_position, head), (round, round));
        assert_eq!(store.version(&book(1)).unwrap(), round.get());
    }
}
