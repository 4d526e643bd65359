//! Durable appends to a million streams by chance, and carrying them into the index.
//!
//! The store is opened for each round, so that it remembers no stream, and closed after it, which
//! folds what was appended. Few enough are appended that the smallest store stays small.

use std::time::Instant;

use varvedb::Store;

use crate::crowd::{CALLERS, Crowd};
use crate::curve::{Curve, Goal, in_turn};
use crate::grown::Grown;

/// Appends of each caller in a round.
const EACH: u64 = 100;

pub fn measure(stores: &[Grown]) -> Vec<Curve> {
    let crowd = Crowd::new();
    let [appends, folds] = in_turn(stores, |_, place| {
        let store = Store::open(&stores[place].path).unwrap();
        let append = time(|| crowd.append(&store, EACH, || ()));
        let fold = time(|| drop(store));
        [append, fold]
    });
    vec![
        Curve {
            name: "appends",
            work: "append, 64 callers (`fdatasync`)",
            unit: "us/append",
            points: appends,
            goal: Goal::Times(1.2),
        },
        Curve {
            name: "folds",
            work: "fold 6,400 appends (synced)",
            unit: "us/event",
            points: folds,
            goal: Goal::Open,
        },
    ]
}

/// Microseconds for each event.
fn time(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e6 / (CALLERS * EACH) as f64
}
