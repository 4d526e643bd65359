//! Waiting for the head: by looking at it, so that no wake-up can be lost.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, Position};

use crate::kit::{book, fresh, lent};

const ROUNDS: u64 = 300;
const WAITERS: usize = 4;

#[test]
fn whoever_waits_for_an_append_hears_of_it_each_time() {
    let store = fresh();
    let (done, all_done) = channel();
    for _ in 0..WAITERS {
        let (store, done) = (Store::clone(&store), done.clone());
        thread::spawn(move || {
            for seen in 0..ROUNDS {
                assert!(store.head_after(seen.into()).unwrap().get() > seen);
            }
            done.send(()).unwrap();
        });
    }
    for round in 0..ROUNDS {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("anybody")])
            .unwrap();
        // Now and then they catch up, and wait again while the next one is on its way.
        if round % 3 == 0 {
            thread::yield_now();
        }
    }
    for _ in 0..WAITERS {
        // Who missed the last wake-up would wait for ever.
        all_done.recv_timeout(Duration::from_secs(60)).unwrap();
    }
}

#[test]
fn what_was_answered_is_read_at_once_by_everybody() {
    let store = fresh();
    for round in 1..=ROUNDS {
        let appended = store
            .append(&book(1), ExpectedVersion::Any, [lent("anybody")])
            .unwrap();
        let head = thread::scope(|scope| scope.spawn(|| store.head()).join().unwrap());
        let round = Position::new(round);
        assert_eq!((appended.last_position, head), (round, round));
        assert_eq!(store.version(&book(1)).unwrap(), round.get());
    }
}
