//! VarveDB beside its peers: the same work with the same bytes on the same disk, each in turn.
//!
//! ```text
//! cargo run --release                        # prints the tables of docs/performance.md
//! cargo run --release -- --quick             # a look: fewer rounds, shorter ones
//! cargo run --release -- --dir PATH          # on another disk
//! cargo run --release -- --only NAME         # ours and the peers whose names contain this
//! cargo run --release -- --only NAME --appends N [--callers C]   # appends alone, for strace
//! ```
//!
//! All stores are open at once and take turns, so that a machine that slows down slows them all.
//! Figures are medians of the rounds. Progress goes to standard error, the tables to standard
//! output when all is done.

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

mod entrant;
mod order;
mod peer;
mod peers;
#[path = "../../kit/process.rs"]
#[expect(dead_code, reason = "nobody counts here what was read")]
mod process;
mod round;
mod rows;
mod table;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use crate::entrant::{ENTRANTS, Entrant, OURS, OURS_TYPED};

/// How much is measured.
struct Plan {
    /// Where the files go: the disk that is measured.
    dir: PathBuf,
    /// Rounds, in each of which every store has its turn.
    rounds: usize,
    /// How long one turn of appends lasts.
    span: Duration,
    entrants: Vec<&'static Entrant>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().skip_while(|a| *a != name).nth(1);
    let number = |name: &str| value(name).map(|number| number.parse::<u64>().unwrap());
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let dir = value("--dir").map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    let plan = Plan {
        dir: dir.canonicalize().unwrap(),
        rounds: if is_quick { 5 } else { 7 },
        span: Duration::from_millis(if is_quick { 200 } else { 1_000 }),
        entrants: entrants(value("--only")),
    };
    match number("--appends") {
        Some(appends) => append_alone(&plan, number("--callers").unwrap_or(1), appends),
        None => rows::measure(&plan),
    }
}

/// Ours, and the peers that are asked for.
fn entrants(only: Option<&String>) -> Vec<&'static Entrant> {
    let is_exact = |name: &String| ENTRANTS.iter().any(|entrant| entrant.name == name);
    let is_wanted = |entrant: &&Entrant| {
        only.is_none_or(|name| {
            entrant.name == name || (!is_exact(name) && entrant.name.contains(name.as_str()))
        })
    };
    let is_ours = |entrant: &&Entrant| [OURS, OURS_TYPED].contains(&entrant.name);
    let ours = ENTRANTS.iter().filter(is_ours);
    let peers = ENTRANTS.iter().filter(|entrant| !is_ours(entrant));
    ours.chain(peers.filter(is_wanted)).collect()
}

/// Nothing but so many appends, to the peer that is asked for or else to ours.
fn append_alone(plan: &Plan, callers: u64, appends: u64) {
    let mut peers = plan.entrants.iter().filter(|entrant| entrant.appends);
    let entrant = peers.next_back().unwrap();
    let folder = tempfile::tempdir_in(&plan.dir).unwrap();
    let mut work = (entrant.open)(folder.path());
    work.append_exactly(callers, appends, 64);
    eprintln!("{}: {appends} appends by {callers} callers", entrant.name);
}
