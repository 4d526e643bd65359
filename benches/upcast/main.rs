//! What it costs to read an old revision: events of revision 1, upcast twice on borrowed views, beside
//! the same events stored in revision 3, in the same run.
//!
//! ```text
//! cargo bench --bench upcast
//! ```
//!
//! Both are scanned from the log of a store and decoded; they take turns, and the figures are medians of
//! the rounds. A scan reads, verifies and finds the events besides: what is compared is what a reader
//! waits for.

#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark that cannot go on has nothing to report"
)]

use std::ops::ControlFlow;
use std::time::Instant;

use varvedb::blocking::Store;
use varvedb::prelude::*;
use varvedb::{Event, ExpectedVersion, NewEvent, Revision, StreamId, TypeName};

const EVENTS: usize = 200_000;
const ROUNDS: usize = 21;

#[derive(VarveEvent)]
#[varve(stream = "order")]
enum OrderEvent {
    #[varve(revision = 3, history(PlacedV1, PlacedV2))]
    Placed {
        buyer: String,
        cents: i64,
        currency: String,
        tags: Vec<String>,
    },
}

#[derive(VarveRevision)]
struct PlacedV1 {
    customer: String,
    total: i64,
    tags: Vec<String>,
}

#[derive(VarveRevision)]
struct PlacedV2 {
    customer: String,
    total: i64,
    tags: Vec<String>,
    currency: String,
}

impl<'a> Upcast<'a, PlacedV1View<'a>> for PlacedV2View<'a> {
    fn upcast(old: PlacedV1View<'a>, _: &'a Scratch) -> Self {
        Self {
            customer: old.customer,
            total: old.total,
            tags: old.tags,
            currency: "EUR",
        }
    }
}

impl<'a> Upcast<'a, PlacedV2View<'a>> for OrderPlaced<'a> {
    fn upcast(old: PlacedV2View<'a>, _: &'a Scratch) -> Self {
        Self {
            buyer: old.customer,
            cents: old.total * 100,
            currency: old.currency,
            tags: old.tags,
        }
    }
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return; // `cargo test` runs it, too
    }
    let folder = tempfile::tempdir().unwrap();
    let [mut old, mut new] = [1, 3].map(|revision| {
        let path = folder.path().join(format!("{revision}.varve"));
        (Store::open(path).unwrap(), Vec::new(), revision)
    });
    for (store, _, revision) in [&old, &new] {
        fill(store, *revision);
    }
    for _ in 0..ROUNDS {
        for (store, nanos, _) in [&mut old, &mut new] {
            nanos.push(scan(store));
        }
    }
    let [old, new] = [old.1, new.1].map(median);
    println!("\n## Old revisions\n\n| work | ns/event | old : present |\n|---|---:|---:|");
    println!("| an event of revision 3, as it is | {new:.1} | |");
    println!(
        "| the same in revision 1, upcast twice | {old:.1} | {:.2} |",
        old / new
    );
}

fn fill(store: &Store, revision: u16) {
    store.register::<OrderEvent>().unwrap();
    let tags = || vec!["urgent".to_owned(), "a longer tag than eight".to_owned()];
    let mut payload = Vec::new();
    let (customer, total) = ("somebody with a name".to_owned(), 7);
    if revision == 1 {
        let placed = PlacedV1 {
            customer,
            total,
            tags: tags(),
        };
        placed.encode(&mut payload).unwrap();
    } else {
        let placed = OrderEvent::Placed {
            buyer: customer,
            cents: total * 100,
            currency: "EUR".to_owned(),
            tags: tags(),
        };
        placed.encode(&mut payload).unwrap();
    }
    let stream = StreamId::new("order", 1).unwrap();
    let name = TypeName::new("order.placed").unwrap();
    for _ in 0..EVENTS / 1_000 {
        let events = (0..1_000)
            .map(|_| NewEvent::new(name.clone(), payload.clone()).with_revision(revision));
        let events: Vec<NewEvent> = events.collect();
        let _ = store.append(&stream, ExpectedVersion::Any, events).unwrap();
    }
}

/// Nanoseconds for each event.
fn scan(store: &Store) -> f64 {
    let begun = Instant::now();
    let mut sum = 0;
    let visit = |event: &varvedb::RecordedEvent<'_>| {
        let scratch = Scratch::new();
        let views = OrderEvent::decode(event, &scratch).unwrap();
        let seen = views.try_each(|OrderEventView::Placed(e)| {
            let is_odd = e.buyer.len() == e.currency.len();
            sum += e.cents + i64::from(is_odd) + i64::from(e.tags.is_empty());
            Ok::<_, std::convert::Infallible>(())
        });
        seen.unwrap();
        ControlFlow::Continue(())
    };
    store.read_log().visit(visit).unwrap();
    assert_eq!(sum, 700 * i64::try_from(EVENTS).unwrap());
    begun.elapsed().as_nanos() as f64 / EVENTS as f64
}

fn median(mut nanos: Vec<f64>) -> f64 {
    nanos.sort_by(f64::total_cmp);
    nanos[nanos.len() / 2]
}
