//! Opening a store whose process was killed.
//!
//! The child is this program, started again: it appends until it is killed, which is when it has
//! said that so many events are answered. Half a million are nearly as many as wait at most to be folded.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use varvedb::Store;

use crate::crowd::Crowd;
use crate::curve::{Curve, Goal, in_turn};
use crate::grown::Grown;

/// The argument that makes the program the child, before the path of the store and a number of events.
pub const CHILD: &str = "--append-until-killed";

/// How many events are answered before the child is killed, and what that is called.
const ANSWERED: [(u64, &str, &str); 2] = [
    (10_000, "opening", "open after SIGKILL, 10k appends"),
    (
        500_000,
        "opening behind a full tail",
        "open after SIGKILL, 500k appends",
    ),
];

pub fn measure(stores: &[Grown]) -> Vec<Curve> {
    let curve = |(answered, name, work)| {
        let [points] = in_turn(stores, |_, place| [open(&stores[place].path, answered)]);
        Curve {
            name,
            work,
            unit: "ms",
            points,
            goal: Goal::Cost(1e3),
        }
    };
    ANSWERED.map(curve).into()
}

/// How many milliseconds it takes to open a store whose process was killed after so many answers.
fn open(path: &Path, answered: u64) -> f64 {
    let head = run_and_kill(path, answered);
    let begun = Instant::now();
    let store = Store::open(path).unwrap();
    let took = begun.elapsed().as_secs_f64() * 1e3;
    assert!(store.head().get() >= head + answered, "nothing is lost");
    took
}

/// Gives the head from which the child went on.
fn run_and_kill(path: &Path, answered: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(path)
        .arg(answered.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut said).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    said.trim().parse().unwrap()
}

/// What the child does.
pub fn append_until_killed(path: &Path, enough: u64) -> ! {
    let store = Store::open(path).unwrap();
    let head = store.head();
    let answered = AtomicU64::new(0);
    let count = move || {
        if answered.fetch_add(1, Ordering::Relaxed) + 1 == enough {
            println!("{head}");
        }
    };
    Crowd::new().append(&store, u64::MAX, count);
    unreachable!("nobody appends for so long")
}
