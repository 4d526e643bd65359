//! VarveDB beside the physics: every figure is a ratio to a floor that did the same work, with the
//! same bytes, in the same run.
//!
//! ```text
//! cargo bench --bench floors                 # prints the tables of docs/performance.md
//! cargo bench --bench floors -- --quick      # a look: 64 B alone, shorter rounds, smaller stores
//! cargo bench --bench floors -- --dir PATH   # on another disk
//! cargo bench --bench floors -- --only load  # one table: append, long, pressure, batch, scan, load,
//!                                            # cold, space or snapshot
//! ```
//!
//! Ours and the floor take turns, so that a machine that slows down slows both. The figures are
//! medians of the rounds. Durable rows end in `fdatasync`, ours and the floor's alike. After a round
//! of appends the floor's does not begin before everything is folded: it shall not pay for ours. Before rounds that
//! write hundreds of megabytes, memory for them is touched: the pages of a log are new ones, those of the floor are not.

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
mod batch;
mod cold;
mod group;
mod interleaved;
mod latency;
mod load;
#[path = "../kit/mapped.rs"]
mod mapped;
#[path = "../kit/memory.rs"]
mod memory;
mod pressure;
#[path = "../kit/process.rs"]
mod process;
#[path = "../kit/random.rs"]
mod random;
mod raw;
mod round;
mod scan;
mod snapshot;
mod space;
mod summed;

use std::path::PathBuf;
use std::time::Duration;

/// How much is measured.
#[derive(Debug)]
pub struct Plan {
    /// Where the files go: the disk that is measured.
    pub dir: PathBuf,
    /// Rounds of each, ours and the floor in turn.
    pub rounds: usize,
    /// How long one round of appends lasts.
    pub span: Duration,
    /// Events in the stores that are read.
    pub events: u64,
    /// Bytes of a payload.
    pub sizes: &'static [usize],
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let dir = arguments.iter().skip_while(|a| *a != "--dir").nth(1);
    let plan = Plan {
        dir: dir.map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from),
        rounds: 5,
        span: Duration::from_millis(if has("--quick") { 200 } else { 1_000 }),
        events: if has("--quick") { 100_000 } else { 1_000_000 },
        sizes: if has("--quick") { &[64] } else { &[64, 256] },
    };
    let only = arguments.iter().skip_while(|a| *a != "--only").nth(1);
    let table = |name: &str, measure: fn(&Plan)| {
        if only.is_none_or(|only| only == name) {
            measure(&plan);
        }
    };
    table("append", append::measure);
    table("long", append::measure_long);
    table("pressure", pressure::measure);
    table("batch", batch::measure);
    table("scan", scan::measure);
    table("load", load::measure);
    table("cold", cold::measure);
    table("space", space::measure);
    table("snapshot", snapshot::measure);
}
