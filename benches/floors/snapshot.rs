//! A load from a fresh snapshot, of a long stream beside a short one: the length should not be seen.

use std::convert::Infallible;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use varvedb::blocking::Repository;
use varvedb::prelude::*;

use crate::Plan;
use crate::round::{head, in_turn, less_is_better};

/// Events of the short stream.
const SHORT: u64 = 10;

/// Events in one save.
const BATCH: u64 = 1_000;

/// Loads in one round.
const LOADS: u64 = 10_000;

#[derive(VarveEvent, Debug)]
#[varve(stream = "meter")]
enum MeterEvent {
    Installed,
    Read { kwh: u64 },
}

#[derive(VarveValue, Debug, PartialEq)]
struct Meter {
    kwh: u64,
    latest: Vec<u64>,
}

#[aggregate(id = u64, event = MeterEvent, error = Infallible, snapshot(every = 10))]
impl Meter {
    #[command]
    fn install() -> Result<MeterEvent, Infallible> {
        Ok(MeterEvent::Installed)
    }

    #[command]
    fn read(&self, kwh: u64) -> Result<MeterEvent, Infallible> {
        Ok(MeterEvent::Read { kwh })
    }

    #[apply]
    fn installed(_: MeterInstalled<'_>) -> Self {
        Self {
            kwh: 0,
            latest: vec![0; 8],
        }
    }

    #[apply]
    fn was_read(&mut self, e: MeterRead<'_>) {
        self.kwh += e.kwh;
        self.latest.rotate_right(1);
        self.latest[0] = e.kwh;
    }
}

pub fn measure(plan: &Plan) {
    head(
        "Load with a fresh snapshot (warm; a long stream beside one of 10 events)",
        "us/load",
    );
    let folder = tempfile::tempdir_in(&plan.dir).unwrap();
    let repo = stored(&folder.path().join("snapshot.varve"), plan.events);
    let figures = in_turn(
        plan.rounds,
        || time(&repo, plan.events),
        || time(&repo, SHORT),
    );
    less_is_better(&format!("{} events", plan.events), figures);
}

/// A store with two streams, each called by its length, and a snapshot of each.
fn stored(path: &Path, events: u64) -> Repository {
    let repo = Repository::new(&Store::open(path).unwrap());
    for length in [SHORT, events] {
        let mut meter = repo.fresh::<Meter>(length);
        meter.install().unwrap();
        for number in 1..length {
            meter.read(number).unwrap();
            if number % BATCH == 0 || number == length - 1 {
                repo.save(&mut meter).unwrap();
            }
        }
    }
    drop(repo);
    // Reopened, so that the snapshots are in the index.
    Repository::new(&Store::open(path).unwrap())
}

fn time(repo: &Repository, length: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..LOADS {
        let meter = repo.load::<Meter>(length).unwrap();
        assert_eq!((meter.version().get(), meter.replayed()), (length, 0));
        black_box(meter.state());
    }
    begun.elapsed().as_secs_f64() * 1e6 / LOADS as f64
}
