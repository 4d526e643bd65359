//! What a store costs when it has grown: the same work on stores of very different sizes.
//!
//! ```text
//! cargo bench --bench growth                 # 100k, 1M and 10M events; prints the table of
//!                                            # docs/performance.md and draws docs/growth.svg
//! cargo bench --bench growth -- --quick      # a look: 100k and 1M events, no picture
//! cargo bench --bench growth -- --huge       # 50M events as well
//! cargo bench --bench growth -- --dir PATH   # on another disk
//! cargo bench --bench growth -- --only load  # one row: scan, load, append or open
//! ```
//!
//! The sizes take turns within each round, and the figures are medians of the rounds. Scans and
//! loads come first: appends and kills make the stores larger.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it prints figures"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has nothing to report"
)]
#![expect(
    unreachable_pub,
    reason = "modules of a program read like those of a library"
)]

mod append;
mod chart;
mod crowd;
mod curve;
mod grown;
mod kill;
mod load;
#[path = "../kit/mapped.rs"]
mod mapped;
#[path = "../kit/random.rs"]
mod random;
mod scan;

use std::path::{Path, PathBuf};

use crate::chart::draw;
use crate::curve::{Curve, print};
use crate::grown::Grown;

/// Measures one work or several on stores of all sizes.
type Measure = fn(&[Grown]) -> Vec<Curve>;

/// Rounds of each work on each store.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let behind = |name: &str, nth| arguments.iter().skip_while(|a| *a != name).nth(nth);
    let value = |name: &str| behind(name, 1);
    if let (Some(path), Some(enough)) = (value(kill::CHILD), behind(kill::CHILD, 2)) {
        kill::append_until_killed(Path::new(path), enough.parse().unwrap());
    }
    let sizes: &[u64] = match (has("--quick"), has("--huge")) {
        (true, _) => &[100_000, 1_000_000],
        (_, true) => &[100_000, 1_000_000, 10_000_000, 50_000_000],
        _ => &[100_000, 1_000_000, 10_000_000],
    };
    let dir = value("--dir").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    let folder = tempfile::tempdir_in(dir).unwrap();
    let grow = |events: &u64| Grown::new(folder.path(), *events);
    let stores: Vec<Grown> = sizes.iter().map(grow).collect();
    let curves = curves(&stores, value("--only").map(String::as_str));
    print(&curves);
    if !has("--quick") && value("--only").is_none() {
        let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/growth.svg");
        std::fs::write(picture, draw(&curves)).unwrap();
    }
}

/// The works one after the other, or only one of them.
fn curves(stores: &[Grown], only: Option<&str>) -> Vec<Curve> {
    let works: [(&str, Measure); 4] = [
        ("scan", scan::measure),
        ("load", load::measure),
        ("append", append::measure),
        ("open", kill::measure),
    ];
    let wanted = works
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name));
    wanted.flat_map(|(_, measure)| measure(stores)).collect()
}
