//! Who holds a store: one writing process, whatever becomes of the lock file.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use varvedb::{OpenError, Store};

use crate::kit::{child, child_path};

/// A process that opens stores beneath a folder, one for each line it is told, and says how it went.
struct Opener {
    process: Child,
    names: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Opener {
    fn start(folder: &std::path::Path) -> Self {
        let mut process = child("holding::child_that_opens", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let names = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            names,
            answers,
        }
    }

    fn tell(&mut self, name: &str) {
        writeln!(self.names, "{name}").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        while self.answers.read_line(&mut line).unwrap() > 0 {
            if let Some(answer) = line.trim_end().strip_prefix("answer: ") {
                return answer.to_owned();
            }
            line.clear();
        }
        panic!("the other process is gone");
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_opens() {
    let folder = child_path();
    for name in std::io::stdin().lines() {
        let answer = match Store::open(folder.join(name.unwrap())) {
            Ok(store) => format!("open at {}", store.head()),
            Err(OpenError::Locked { pid, .. }) => format!("held by {pid}"),
            Err(error) => error.to_string(),
        };
        println!("answer: {answer}");
    }
}

/// One that came second once took the store that was just being made for a folder of other things.
#[test]
fn two_processes_that_make_one_store_at_once_make_one_store() {
    let rounds = std::env::var("VARVE_RACES").map_or(40, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut openers = [Opener::start(folder.path()), Opener::start(folder.path())];
    for round in 0..rounds {
        let name = format!("{round}.varve");
        for opener in &mut openers {
            opener.tell(&name);
        }
        let answers = openers.each_mut().map(Opener::answer);
        let is_told = |answer: &String| answer == "open at 0" || answer.starts_with("held by ");
        assert!(answers.iter().all(is_told), "round {round}: {answers:?}");
        assert!(
            answers.iter().any(|answer| answer == "open at 0"),
            "round {round}: {answers:?}"
        );
        Store::open(folder.path().join(name)).unwrap();
    }
}
