//! Who holds a store: one writing process, whatever becomes of the lock file.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use varvedb::{ExpectedVersion, OpenError, Store};

use crate::kit::{Place, book, child, child_path, lent, payloads};

/// A process that opens stores beneath a folder, one for each line it is told, and says how it went.
struct Opener {
    process: Child,
    names: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Opener {
    fn start(folder: &std::path::Path) -> Self {
        Self::run(child("holding::child_that_opens", folder))
    }

    fn run(mut child: Command) -> Self {
        let mut process = child
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

/// People remove lock files that they take for left-overs. Two writers once met in one log then.
#[test]
fn a_store_is_held_even_when_its_lock_file_was_removed() {
    let place = Place::new();
    let store = place.open();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    fs::remove_file(place.path().join("lock")).unwrap();
    let mut opener = Opener::start(place.path().parent().unwrap());
    opener.tell("library.varve");
    assert_eq!(opener.answer(), "held by 0");
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("b")])
        .unwrap();
    drop(store);
    assert_eq!(payloads(&place.open(), &book(1)), ["a", "b"]);
}

#[test]
fn a_reader_that_was_there_before_the_lock_file_was_removed_still_hears_of_commits() {
    let place = Place::new();
    let store = place.open();
    let mut reader = reader(&place);
    reader.tell("");
    assert_eq!(reader.answer(), "0 of 0");
    fs::remove_file(place.path().join("lock")).unwrap();
    for count in 1..=3 {
        let append = store.append(&book(1), ExpectedVersion::Any, [lent("a")]);
        let _ = append.unwrap();
        // Leaves a new lock file, which says nothing.
        Store::open(place.path()).unwrap_err();
        reader.tell("");
        assert_eq!(reader.answer(), format!("{count} of {count}"));
    }
    drop(store);
    let store = place.open();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    reader.tell("");
    assert_eq!(
        reader.answer(),
        "4 of 4",
        "the next writer has another file"
    );
}

/// It would never hear of a commit, and could not know.
#[test]
fn a_reader_that_comes_after_the_lock_file_was_removed_is_refused() {
    let place = Place::new();
    let store = place.open();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    fs::remove_file(place.path().join("lock")).unwrap();
    let mut opener = Opener::run(child("holding::child_that_tries_to_read", &place.path()));
    let said = opener.answer();
    assert!(said.contains("restart that process"), "{said}");
    drop(store);
    assert_eq!(Store::open_read_only(place.path()).unwrap().head(), 1);
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_tries_to_read() {
    println!(
        "answer: {}",
        Store::open_read_only(child_path()).unwrap_err()
    );
}

/// A process that reads this store, and tells its head for each line it is told.
fn reader(place: &Place) -> Opener {
    Opener::run(child("scarce::child_that_tells_heads", &place.path()))
}

#[test]
fn what_a_lock_file_says_holds_nobody_back_and_an_unknown_holder_is_called_so() {
    let place = Place::new();
    let lock = place.path().join("lock");
    let this = std::process::id().to_string();
    for text in [
        "",
        "garbage",
        "\u{0}\u{0}\u{0}",
        "1",
        &this,
        &"9".repeat(500),
    ] {
        drop(place.open());
        fs::write(&lock, text).unwrap();
        assert_eq!(Store::open_read_only(place.path()).unwrap().head(), 0);
        assert_eq!(place.open().head(), 0);
    }
    let _store = place.open();
    fs::write(&lock, "garbage").unwrap();
    let said = Store::open(place.path()).unwrap_err().to_string();
    assert!(said.contains("did not say which it is"), "{said}");
}

#[test]
fn a_store_is_held_under_each_of_its_paths() {
    let place = Place::new();
    let _store = place.open();
    let link = place.path().with_file_name("link");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    let error = Store::open(&link).unwrap_err();
    assert!(matches!(error, OpenError::Locked { pid, .. } if pid == std::process::id()));
    let said = Store::open_read_only(&link).unwrap_err().to_string();
    assert!(
        said.contains("use a clone of the store that has it"),
        "{said}"
    );
}
