//! Lesson 4: projections. One lives in memory, one in the store's tables, exactly once.
//!
//! Run it with `cargo run --example 4_projection`.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a lesson is read aloud"
)]

use std::collections::BTreeMap;

use varvedb::blocking::{Processor, Repository};
use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BeeId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "bee")]
enum BeeEvent {
    Hatched {
        #[stream_id]
        id: BeeId,
    },
    Visited {
        #[stream_id]
        id: BeeId,
        flower: String,
    },
}

struct Bee(BeeId);

#[aggregate(id = BeeId, event = BeeEvent, error = std::convert::Infallible)]
impl Bee {
    #[command]
    fn hatch(id: BeeId) -> Result<BeeEvent, std::convert::Infallible> {
        Ok(BeeEvent::Hatched { id })
    }
    #[command]
    fn visit(&self, flower: String) -> Result<BeeEvent, std::convert::Infallible> {
        Ok(BeeEvent::Visited { id: self.0, flower })
    }
    #[apply]
    fn hatched(e: BeeHatched<'_>) -> Self {
        Bee(e.id)
    }
    #[apply]
    fn visited(&mut self, _: BeeVisited<'_>) {}
}

/// In memory: gone with the process, so it starts with the first event every time.
#[derive(Default)]
struct Flowers(BTreeMap<String, u32>);

#[projection(name = "flowers")]
impl Flowers {
    #[on]
    fn visited(&mut self, e: BeeVisited<'_>) {
        *self.0.entry(e.flower.to_owned()).or_default() += 1;
    }
}

/// In the store: rows and checkpoint move in one transaction, so each event counts exactly once
/// whatever happens to the process.
struct Diligence;
const VISITS: Table<BeeId, u64> = Table::new("visits");

#[projection(name = "diligence")]
impl Diligence {
    #[on]
    fn visited(&self, e: BeeVisited<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> {
        tables.update(VISITS, &e.id, |visits| *visits += 1)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("hive.varve"))?;
    let repo = Repository::new(&store);
    for (id, flowers) in [
        (BeeId(1), ["clover", "thyme"]),
        (BeeId(2), ["clover", "clover"]),
    ] {
        let mut bee = repo.fresh::<Bee>(id);
        bee.hatch(id)?;
        flowers
            .iter()
            .try_for_each(|flower| bee.visit((*flower).to_owned()))?;
        repo.save(&mut bee)?;
    }

    let mut processor = Processor::new(&store);
    let flowers = processor.register(Flowers::default())?;
    processor.register(Diligence)?;
    let position = processor.catch_up()?; // or `run()`, which goes on with what comes

    println!("at position {position}: {:?}", flowers.read().0);
    assert_eq!(flowers.read().0["clover"], 3);
    let visits = store.tables::<Diligence>()?.rows(VISITS)?;
    assert_eq!(visits, [(BeeId(1), 2), (BeeId(2), 2)]);
    Ok(())
}
