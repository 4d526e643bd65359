//! SIGKILL at any moment: what was answered is there, and nothing is half there.
//!
//! A child process appends as fast as it can and says what was answered; its parent kills it,
//! opens the store, and checks every event. Rounds go on in the same store, across segments,
//! folds and rebuilt indexes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; a child tells its parent that it is ready"
)]

#[path = "../kit/mod.rs"]
mod kit;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::process::Stdio;
use std::time::{Duration, Instant};

use varvedb::blocking::Store;
use varvedb::{ExpectedVersion, NewCommit, StoreOptions};

use crate::kit::{Place, book, child, child_path, lent};

/// How often the child is killed, unless time runs out first.
const ROUNDS: u32 = 500;

/// When no further round is begun, so that a slow machine does not hold everybody up.
const AT_MOST: Duration = Duration::from_secs(150);

/// Threads of the child that append at the same time.
const CALLERS: u64 = 4;

/// Small segments and a small tail, so that kills hit their seams too.
fn options() -> StoreOptions {
    varvedb::Store::options()
        .segment_bytes(256 << 10)
        .max_tail_events(2_000)
}

/// The smallest segments there are.
fn tiny() -> StoreOptions {
    options().segment_bytes(64 << 10)
}

#[test]
fn nothing_that_was_answered_is_lost_and_nothing_is_half_there() {
    let place = Place::new();
    let mut verified = Verified::default();
    let begun = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS && begun.elapsed() < AT_MOST {
        let answered = run_and_kill(
            "child_that_appends",
            &place,
            Duration::from_micros(u64::from(rounds * 7919 % 60_000)),
        );
        if rounds % 50 == 49 {
            std::fs::remove_dir_all(place.path().join("index")).unwrap();
            verified = Verified::default();
        }
        let store = place.open_with(options());
        verified.check(&store, &answered);
        rounds += 1;
    }
    println!(
        "{rounds} kills, {} events, every one checked",
        verified.head
    );
    assert!(
        verified.head > u64::from(rounds),
        "the child got something done"
    );
}

/// Tiny segments, so that many a kill falls into sealing one and beginning the next.
#[test]
fn kills_while_segments_are_sealed_lose_nothing() {
    let place = Place::new();
    let mut verified = Verified::default();
    for round in 0..60_u32 {
        let wait = Duration::from_micros(u64::from(round * 7919 % 30_000));
        let answered = run_and_kill("child_with_tiny_segments", &place, wait);
        verified.check(&place.open_with(tiny()), &answered);
    }
    let segments = place.log_files().len();
    println!("60 kills, {} events in {segments} segments", verified.head);
    assert!(segments > 10, "segments were sealed all the time");
}

/// Kills in the middle of opening: without an index, and with a torn tail to be cut off. Whatever the
/// killed opening left, the next one finds all that was answered.
#[test]
fn kills_while_a_store_is_opened_lose_nothing() {
    let place = Place::new();
    let answered = run_and_kill("child_that_appends", &place, Duration::from_millis(400));
    let before = place.open_with(options()).head();
    let mut killed = 0;
    for round in 0..60_u64 {
        std::fs::remove_dir_all(place.path().join("index")).unwrap();
        tear(&place);
        let mut child = child("child_that_opens", &place.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(1_000 + round * 7919 % 40_000));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let store = place.open_with(options());
        assert_eq!(store.head(), before, "the torn tail was no event");
        Verified::default().check(&store, &answered);
    }
    println!("{killed} of 60 openings were killed");
    assert!(killed > 0);
}

/// Leaves what a power cut leaves of a group that was being written: here, bytes that are no frame.
fn tear(place: &Place) {
    use std::os::unix::fs::FileExt;
    let path = place.log_files().pop().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let room = (bytes.len() as u64).saturating_sub(end.next_multiple_of(16) + 64);
    let garbage = vec![0xA5; usize::try_from(room).unwrap()];
    file.write_all_at(&garbage, end.next_multiple_of(16))
        .unwrap();
}

#[test]
#[ignore = "the child process that is killed"]
fn child_that_opens() {
    drop(options().open(child_path()).unwrap());
}

#[test]
#[ignore = "the child process that is killed"]
fn child_with_tiny_segments() {
    append_for_ever(tiny());
}

/// Runs the child for a while, kills it, and gives the commits that it said were answered.
fn run_and_kill(test: &str, place: &Place, after: Duration) -> Vec<String> {
    let mut child = child(test, &place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.ends_with("ready"));
    assert!(
        ready.is_some(),
        "the child opens the store that its predecessor left"
    );
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    // The last line may be cut short: then its newline is missing, and so is its end mark.
    let whole = lines.map_while(Result::ok);
    whole
        .filter_map(|line| Some(line.strip_suffix(';')?.to_owned()))
        .collect()
}

#[test]
#[ignore = "the child process that is killed"]
fn child_that_appends() {
    append_for_ever(options());
}

fn append_for_ever(options: StoreOptions) {
    let store = Store::new(&options.open(child_path()).unwrap());
    let round = store.head().get();
    println!("\nready");
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let store = &store;
            scope.spawn(move || {
                for number in 0.. {
                    append(store, round, caller, number);
                }
            });
        }
    });
}

/// One commit of one to five events on two streams, each event saying how many there are.
fn append(store: &Store, round: u64, caller: u64, number: u64) {
    let count = number % 5 + 1;
    // Now and then one for which the log has no zeros ahead: it has blocks allocated.
    let is_large = number % 30 == 29;
    let filler = if is_large { 60_000 } else { number * 37 % 400 };
    let filler = "x".repeat(usize::try_from(filler).unwrap());
    let event = |at: u64| lent(&format!("{round}.{caller}.{number} {at}/{count} {filler}"));
    let (own, shared) = (book(caller), book(CALLERS));
    let split = count / 2;
    let mut commit = NewCommit::new().append(own, ExpectedVersion::Any, (split..count).map(event));
    if split > 0 {
        commit = commit.append(shared, ExpectedVersion::Any, (0..split).map(event));
    }
    let _ = store.commit(commit).unwrap();
    // One write per line, so that lines of two threads do not mix.
    let line = format!("{round}.{caller}.{number};\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// What earlier rounds have checked.
#[derive(Default)]
struct Verified {
    head: u64,
    versions: BTreeMap<String, u64>,
}

impl Verified {
    /// Checks everything behind what earlier rounds have checked.
    fn check(&mut self, store: &Store, answered: &[String]) {
        let mut commits: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let after = self.head;
        let visitor = |event: &varvedb::RecordedEvent<'_>| {
            self.head += 1;
            assert_eq!(event.position(), self.head, "positions are dense");
            let version = self.versions.entry(event.stream().to_string()).or_default();
            *version += 1;
            assert_eq!(
                event.version(),
                *version,
                "versions of {} are dense",
                event.stream()
            );
            let text = str::from_utf8(event.payload()).unwrap();
            let [commit, part, _] = text.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!()
            };
            let count = part.split_once('/').unwrap().1.parse().unwrap();
            commits.entry(commit.to_owned()).or_insert((0, count)).0 += 1;
            ControlFlow::Continue(())
        };
        store.read_log().after(after).visit(visitor).unwrap();
        for (commit, (found, count)) in &commits {
            assert_eq!(found, count, "commit {commit} is whole");
        }
        for commit in answered {
            assert!(
                commits.contains_key(commit),
                "commit {commit} was answered and is lost"
            );
        }
        for caller in 0..=CALLERS {
            let stream = book(caller);
            let known = self.versions.get(&stream.to_string()).copied().unwrap_or(0);
            assert_eq!(
                store.version(&stream).unwrap(),
                known,
                "log and index agree on {stream}"
            );
        }
    }
}
