//! Opening a store whose process was killed.
//!
//! The child is this program, started again: it appends until it is killed, which is when it has
//! said that ten thousand events are answered.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use varvedb::Store;

use crate::crowd::Crowd;
use crate::curve::{Curve, Goal, in_turn};
use crate::grown::Grown;

/// The argument that makes the program the child, before the path of the store.
pub const CHILD: &str = "--append-until-killed";

/// Events that are answered before the child is killed.
const ANSWERED: u64 = 10_000;

pub fn measure(stores: &[Grown]) -> Vec<Curve> {
    let [points] = in_turn(stores, |_, place| {
        let head = run_and_kill(&stores[place].path);
        let begun = Instant::now();
        let store = Store::open(&stores[place].path).unwrap();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        assert!(store.head().get() >= head + ANSWERED, "nothing is lost");
        [took]
    });
    vec![Curve {
        name: "opening",
        work: "open after SIGKILL, 10k appends",
        unit: "ms",
        points,
        goal: Goal::Cost(1e3),
    }]
}

/// Gives the head from which the child went on.
fn run_and_kill(path: &Path) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(path)
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
pub fn append_until_killed(path: &Path) -> ! {
    let store = Store::open(path).unwrap();
    let head = store.head();
    let answered = AtomicU64::new(0);
    let count = move || {
        if answered.fetch_add(1, Ordering::Relaxed) + 1 == ANSWERED {
            println!("{head}");
        }
    };
    Crowd::new().append(&store, u64::MAX, count);
    unreachable!("nobody appends for so long")
}
