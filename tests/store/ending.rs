//! What callers are told when the writer thread is no more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};
use std::thread;

use varvedb::{AppendError, Clock, ExpectedVersion, Store, Timestamp};

use crate::kit::{Place, book, lent};

/// A clock that holds the writer thread at the first commit until it is told, and then breaks it.
#[derive(Debug)]
struct Broken {
    asked: Barrier,
    breaks: AtomicBool,
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        self.asked.wait();
        while !self.breaks.load(Ordering::Acquire) {
            thread::yield_now();
        }
        panic!("the clock is broken");
    }
}

#[test]
fn callers_that_wait_for_a_place_learn_that_the_writer_is_gone() {
    let place = Place::new();
    let clock = Arc::new(Broken {
        asked: Barrier::new(2),
        breaks: AtomicBool::new(false),
    });
    let options = Store::options().queue_commits(1).clock(clock.clone());
    let store = place.open_with(options);
    let append = async |number| {
        let stream = book(number);
        let store: &Store = &store;
        store
            .append(&stream, ExpectedVersion::Any, [lent("a")])
            .await
    };
    let mut callers = vec![Box::pin(append(0))];
    let mut context = Context::from_waker(Waker::noop());
    assert!(callers[0].as_mut().poll(&mut context).is_pending());
    clock.asked.wait();
    // The writer is busy with the first: one of these fills the queue, the others wait.
    for number in 1..5 {
        let mut caller = Box::pin(append(number));
        assert!(caller.as_mut().poll(&mut context).is_pending());
        callers.push(caller);
    }
    clock.breaks.store(true, Ordering::Release);
    let answers: Vec<_> = callers.into_iter().map(pollster::block_on).collect();
    assert_eq!(answers.len(), 5);
    for answer in answers {
        assert!(
            matches!(&answer, Err(AppendError::Storage(error)) if error.is_poisoned()),
            "{answer:?}"
        );
    }
}

#[test]
fn whoever_waits_for_the_head_learns_that_the_writer_is_gone() {
    let place = Place::new();
    let clock = Arc::new(Broken {
        asked: Barrier::new(2),
        breaks: AtomicBool::new(false),
    });
    let store = place.open_with(Store::options().clock(clock.clone()));
    let mut waiting = Box::pin((*store).head_after(0.into()));
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    thread::scope(|scope| {
        let append = || store.append(&book(1), ExpectedVersion::Any, [lent("a")]);
        let appending = scope.spawn(append);
        clock.asked.wait();
        clock.breaks.store(true, Ordering::Release);
        assert!(pollster::block_on(waiting).unwrap_err().is_poisoned());
        assert!(appending.join().unwrap().is_err());
    });
}
