//! The whole log or one category of it, every event checked and handed to a handler, beside one
//! pass over the log's bytes.

use std::fs::File;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use memmap2::Mmap;
use varvedb::{Category, ReadLog, RecordedEvent};

use crate::Plan;
use crate::interleaved::{self, LENGTH, TENTH};
use crate::mapped::{map, segments};
use crate::round::{head, in_turn, less_is_better};

pub fn measure(plan: &Plan) {
    head(
        "The log into a handler (reads only; warm; checksums verified; the floor passes over the whole log)",
        "us/event",
    );
    let tenth = Category::new(TENTH).unwrap();
    for bytes in plan.sizes {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let path = folder.path().join("scan.varve");
        let store = interleaved::open(&path, plan.events / LENGTH, *bytes);
        let files = segments(&path).into_iter().map(File::open);
        let maps: Vec<Mmap> = files.map(|file| map(&file.unwrap())).collect();
        let compare = |work: &str, events: u64, read: &dyn Fn() -> u64| {
            let figures = in_turn(
                plan.rounds,
                || time(events, read),
                || time(events, || pass(&maps)),
            );
            less_is_better(&format!("{bytes} B, {work}, {events} events"), figures);
        };
        let whole = || scan(store.read_log());
        compare("whole log", plan.events, &whole);
        let category = || scan(store.read_category(&tenth));
        compare("a category", plan.events / 10, &category);
    }
}

fn scan(read: ReadLog<'_>) -> u64 {
    let mut sum = 0;
    let visitor = |event: &RecordedEvent<'_>| {
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    read.visit(visitor).unwrap();
    sum
}

fn pass(maps: &[Mmap]) -> u64 {
    let words = maps.iter().flat_map(|map| map.chunks_exact(8));
    words.fold(0, |sum, word| {
        sum ^ u64::from_le_bytes(word.try_into().unwrap())
    })
}

fn time(events: u64, work: impl FnOnce() -> u64) -> f64 {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed().as_secs_f64() * 1e6 / events as f64
}
