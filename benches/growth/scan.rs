//! The whole log into a handler.

use std::ops::ControlFlow;
use std::time::Instant;

use varvedb::{RecordedEvent, Store};

use crate::curve::{Curve, Goal, in_turn};
use crate::grown::Grown;

pub fn measure(stores: &[Grown]) -> Vec<Curve> {
    let open: Vec<Store> = stores.iter().map(open_warm).collect();
    let [points] = in_turn(stores, |_, place| {
        let begun = Instant::now();
        let events = scan(&open[place]);
        [begun.elapsed().as_secs_f64() * 1e6 / events as f64]
    });
    vec![Curve {
        name: "scans",
        work: "scan (reads only, warm)",
        unit: "us/event",
        points,
        goal: Goal::Open,
    }]
}

/// Opens a store and touches every page of its log.
pub fn open_warm(grown: &Grown) -> Store {
    let store = Store::open(&grown.path).unwrap();
    assert_eq!(scan(&store), grown.events);
    store
}

fn scan(store: &Store) -> u64 {
    let (mut events, mut sum) = (0, 0);
    let visitor = |event: &RecordedEvent<'_>| {
        events += 1;
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    store.read_log().visit(visitor).unwrap();
    assert_eq!(sum, 7 * events);
    events
}
