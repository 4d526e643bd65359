//! The whole log, every event checked and handed to a handler, beside one pass over its bytes.

use std::fs::File;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use memmap2::Mmap;
use varvedb::Store;

use crate::Plan;
use crate::load::interleaved;
use crate::round::{head, in_turn, less_is_better};

pub fn measure(plan: &Plan) {
    head(
        "The whole log into a handler (warm; checksums verified)",
        "us/event",
    );
    for bytes in [64, 256] {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let path = folder.path().join("scan.varve");
        let store = interleaved(&path, plan.events, bytes);
        let maps = maps(&path.join("log"));
        let figures = in_turn(
            plan.rounds,
            || time(plan.events, || scan(&store)),
            || time(plan.events, || pass(&maps)),
        );
        less_is_better(&format!("{bytes} B, {} events", plan.events), figures);
    }
}

fn scan(store: &Store) -> u64 {
    let mut sum = 0;
    let visitor = |event: &varvedb::RecordedEvent<'_>| {
        sum += u64::from(event.payload()[0]);
        ControlFlow::Continue(())
    };
    store.read_log().visit(visitor).unwrap();
    sum
}

#[expect(unsafe_code, reason = "the floor maps the same files as the log does")]
fn maps(log: &Path) -> Vec<Mmap> {
    let mut files: Vec<_> = std::fs::read_dir(log)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let map = |path| {
        let file = File::open(path).unwrap();
        // SAFETY: the store writes no more while the floor is measured, and nobody truncates.
        unsafe { Mmap::map(&file) }.unwrap()
    };
    files.into_iter().map(map).collect()
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
