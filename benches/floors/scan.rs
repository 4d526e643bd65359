//! The whole log or a part of it, every event checked and handed to a handler, beside one pass over
//! the same bytes.

use std::fs::File;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use memmap2::Mmap;
use varvedb::{Category, Event, ReadLog, RecordedEvent, Scratch, Store, TypeName};

use crate::Plan;
use crate::interleaved::{self, LENGTH, TENTH};
use crate::load::declare;
use crate::mapped::{map, segments};
use crate::round::{head, in_turn, less_is_better};
use crate::summed::{LongEvent, LongEventView, ShortEvent, ShortEventView};

pub fn measure(plan: &Plan) {
    head(
        "The log into a handler (reads only; warm; checksums verified)",
        "us/event",
    );
    let tenth = Category::new(TENTH).unwrap();
    let done = [TypeName::new("tenth.done").unwrap()];
    for bytes in plan.sizes {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let path = folder.path().join("scan.varve");
        declare(&path, *bytes);
        let streams = plan.events / LENGTH;
        let store = interleaved::open(&path, streams, *bytes);
        let files = segments(&path).into_iter().map(File::open);
        let maps: Vec<Mmap> = files.map(|file| map(&file.unwrap())).collect();
        let payloads = Payloads::new(&plan.dir, streams, *bytes);
        let compare = |work: &str, events: u64, read: &dyn Fn() -> u64, floor: &dyn Fn() -> u64| {
            let figures = in_turn(plan.rounds, || time(events, read), || time(events, floor));
            less_is_better(&format!("{bytes} B, {work}, {events} events"), figures);
        };
        let (all, begun) = (plan.events, streams);
        let whole = || pass(&maps);
        compare("whole log", all, &|| scan(store.read_log()), &whole);
        compare(
            "whole log, decoded",
            all,
            &|| decode(&store, *bytes),
            &whole,
        );
        let of_type = || scan(store.read_log().of_types(&done));
        compare("of one type", all - begun, &of_type, &whole);
        let category = || scan(store.read_category(&tenth));
        compare("a category", all / 10, &category, &|| payloads.pass());
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

/// The same, each event validated and seen as what it is.
fn decode(store: &Store, bytes: usize) -> u64 {
    match bytes {
        64 => decoded::<ShortEvent>(store, |event| match event {
            ShortEventView::Begun(begun) => begun.words[0],
            ShortEventView::Done(done) => done.words[0],
        }),
        _ => decoded::<LongEvent>(store, |event| match event {
            LongEventView::Begun(begun) => begun.words[0],
            LongEventView::Done(done) => done.words[0],
        }),
    }
}

fn decoded<E: Event>(store: &Store, see: impl Fn(E::View<'_>) -> u64) -> u64 {
    let mut sum = 0;
    let visitor = |event: &RecordedEvent<'_>| {
        let scratch = Scratch::new();
        for view in E::decode(event, &scratch).unwrap() {
            sum += see(view);
        }
        ControlFlow::Continue(())
    };
    store.read_log().visit(visitor).unwrap();
    sum
}

/// The floor of a category: its payloads in a mapped file of all, in the order of the store's.
struct Payloads {
    bytes: Mmap,
    of_category: Vec<usize>,
    length: usize,
}

impl Payloads {
    fn new(dir: &Path, streams: u64, length: usize) -> Self {
        let mut of_category = Vec::new();
        let bytes = interleaved::payloads(dir, streams, length, |stream, at| {
            if stream.is_multiple_of(10) {
                of_category.push(at);
            }
        });
        Self {
            bytes,
            of_category,
            length,
        }
    }

    fn pass(&self) -> u64 {
        let payloads = self
            .of_category
            .iter()
            .map(|at| &self.bytes[*at..at + self.length]);
        payloads.fold(0, |sum, payload| sum ^ words(payload))
    }
}

fn pass(maps: &[Mmap]) -> u64 {
    maps.iter().fold(0, |sum, map| sum ^ words(map))
}

fn words(bytes: &[u8]) -> u64 {
    bytes.chunks_exact(8).fold(0, |sum, word| {
        sum ^ u64::from_le_bytes(word.try_into().unwrap())
    })
}

fn time(events: u64, work: impl FnOnce() -> u64) -> f64 {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed().as_secs_f64() * 1e6 / events as f64
}
