//! Durable appends of a thousand events at a time, by one caller.

use std::time::Instant;

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, NewEvent, StreamId, TypeName};

use crate::Plan;
use crate::raw::RawFile;
use crate::round::{head, in_turn, more_is_better};

const EVENTS: u64 = 1_000;

pub fn measure(plan: &Plan) {
    head(
        "Durable batches of 1,000 events (each answered after `fdatasync`)",
        "events/s",
    );
    for bytes in [64, 256] {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let store = Store::new(&varvedb::Store::open(folder.path().join("b.varve")).unwrap());
        let mut raw = RawFile::new(&plan.dir);
        let payloads = vec![7; bytes * usize::try_from(EVENTS).unwrap()];
        let type_name = TypeName::new("bench.done").unwrap();
        let stream = StreamId::new("bench", 1).unwrap();
        let figures = in_turn(
            plan.rounds,
            || {
                rate(plan, || {
                    let event = || NewEvent::new(type_name.clone(), vec![7; bytes]);
                    let events = (0..EVENTS).map(|_| event());
                    let _ = store.append(&stream, ExpectedVersion::Any, events).unwrap();
                })
            },
            || rate(plan, || raw.write(&payloads)),
        );
        more_is_better(&format!("{bytes} B, 1 caller"), figures);
    }
}

fn rate(plan: &Plan, mut batch: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut events = 0;
    while begun.elapsed() < plan.span {
        batch();
        events += EVENTS;
    }
    events as f64 / begun.elapsed().as_secs_f64()
}
