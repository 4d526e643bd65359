//! Streams of 100 events that lie spread over the whole log.

use std::fs::File;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use memmap2::Mmap;
use varvedb::{RecordedEvent, Store};

use crate::curve::{Curve, Goal, in_turn};
use crate::grown::{BYTES, Grown, LENGTH, regular_stream};
use crate::mapped::{map, segments};
use crate::random::Random;
use crate::scan::open_warm;

/// Loads in one round.
const LOADS: u64 = 500;

pub fn measure(stores: &[Grown]) -> Vec<Curve> {
    let open: Vec<Store> = stores.iter().map(open_warm).collect();
    let logs: Vec<Vec<Mmap>> = stores.iter().map(|grown| log(&grown.path)).collect();
    let [loads, floors] = in_turn(stores, |round, place| {
        let mut random = Random::new(round as u64);
        let streams = stores[place].regular_streams();
        let ours = time(|| load(&open[place], random.below(streams)));
        let floor = time(|| copy(&logs[place], &mut random));
        [ours, floor]
    });
    vec![
        Curve {
            name: "loads",
            work: "load of 100 events (reads only, warm)",
            unit: "us/load",
            points: loads,
            goal: Goal::Times(1.2),
        },
        Curve {
            name: "copies",
            work: "its floor: 100 payloads, mapped",
            unit: "us/load",
            points: floors,
            goal: Goal::Open,
        },
    ]
}

fn load(store: &Store, stream: u64) {
    let stream = regular_stream(stream);
    let mut sum = 0;
    let visitor = |event: &RecordedEvent<'_>| {
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    store.read_stream(&stream).visit(visitor).unwrap();
    assert_eq!(sum, 7 * LENGTH);
}

fn log(store: &Path) -> Vec<Mmap> {
    let files = segments(store).into_iter().map(File::open);
    let maps: Vec<Mmap> = files.map(|file| map(&file.unwrap())).collect();
    for page in maps.iter().flat_map(|map| map.chunks(4096)) {
        black_box(page[0]);
    }
    maps
}

/// What the CPU alone takes for places that are in no cache of its own.
fn copy(log: &[Mmap], random: &mut Random) {
    let mut copied = Vec::with_capacity(BYTES * usize::try_from(LENGTH).unwrap());
    for _ in 0..LENGTH {
        let segment = &log[usize::try_from(random.below(log.len() as u64)).unwrap()];
        let at = random.below((segment.len() - BYTES) as u64);
        let at = usize::try_from(at).unwrap();
        copied.extend_from_slice(&segment[at..at + BYTES]);
    }
    black_box(copied);
}

/// Microseconds for each of many loads.
fn time(mut load: impl FnMut()) -> f64 {
    let begun = Instant::now();
    (0..LOADS).for_each(|_| load());
    begun.elapsed().as_secs_f64() * 1e6 / LOADS as f64
}
