//! Lesson 5: snapshots. A long stream is loaded from its newest snapshot, and says the same.
//!
//! Run it with `cargo run --example 5_snapshot`.

#![expect(clippy::print_stdout, reason = "a lesson is read aloud")]

use std::convert::Infallible;

use varvedb::blocking::Repository;
use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
struct MeterId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "meter")]
enum MeterEvent {
    Installed {
        #[stream_id]
        id: MeterId,
    },
    Read {
        #[stream_id]
        id: MeterId,
        kwh: u64,
    },
}

// A state that is kept is a value.
#[derive(VarveValue, Debug, PartialEq)]
struct Meter {
    id: MeterId,
    kwh: u64,
}

// Change a handler, the state or the events, and old snapshots are ignored by themselves. Change a
// function that a handler calls, and say so: `snapshot(every = 1_000, revision = 2)`.
#[aggregate(id = MeterId, event = MeterEvent, error = Infallible, snapshot(every = 1_000))]
impl Meter {
    #[command]
    fn install(id: MeterId) -> Result<MeterEvent, Infallible> {
        Ok(MeterEvent::Installed { id })
    }
    #[command]
    fn read(&self, kwh: u64) -> Result<MeterEvent, Infallible> {
        Ok(MeterEvent::Read { id: self.id, kwh })
    }
    #[apply]
    fn installed(e: MeterInstalled<'_>) -> Self {
        Meter { id: e.id, kwh: 0 }
    }
    #[apply]
    fn was_read(&mut self, e: MeterRead<'_>) {
        self.kwh += e.kwh;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let repo = Repository::new(&Store::open(folder.path().join("power.varve"))?);
    let id = MeterId(1);

    // Ten thousand readings, a hundred in each save.
    let mut meter = repo.fresh::<Meter>(id);
    meter.install(id)?;
    for _ in 0..100 {
        (0..100).try_for_each(|_| meter.read(3))?;
        repo.save(&mut meter)?;
    }

    let meter = repo.load::<Meter>(id)?;
    println!("version {}: {} kWh", meter.version(), meter.state().kwh);
    println!("replayed {} events", meter.replayed());

    // Snapshots only save time: replay alone says the same.
    let whole = repo.without_snapshots().load::<Meter>(id)?;
    println!("replayed {} events without snapshots", whole.replayed());
    assert_eq!(whole.state(), meter.state());
    Ok(())
}
