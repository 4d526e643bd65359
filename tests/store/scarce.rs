//! A process that is short of files, of addresses, or of its own store.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use varvedb::{AppendError, ExpectedVersion, Store};

use crate::kit::{Place, book, child, child_path, lent, payloads};

/// A child under a limit of the shell's `ulimit`.
fn limited(limit: &str, test: &str, place: &Place) -> Command {
    let child = child(test, &place.path());
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]);
    shell.arg(child.get_program()).args(child.get_args());
    for (key, value) in child.get_envs() {
        shell.env(key, value.unwrap());
    }
    shell
}

/// What the child says behind `answer: `.
fn answers(mut child: Command) -> Vec<String> {
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let answers = said
        .lines()
        .filter_map(|line| line.strip_prefix("answer: "));
    answers.map(str::to_owned).collect()
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_appends() {
    let options = Store::options().segment_bytes(64 << 10);
    let said = match options.open(child_path()) {
        Err(error) => format!("refused: {error}"),
        Ok(store) => {
            let store = varvedb::blocking::Store::new(&store);
            let mut said = "appended".to_owned();
            for _ in 0..20 {
                let append =
                    store.append(&book(1), ExpectedVersion::Any, [lent(&"x".repeat(10_000))]);
                match append {
                    Ok(appended) => println!("answer: {}", appended.last_position),
                    Err(AppendError::Storage(error)) => said = format!("refused: {error}"),
                    Err(error) => panic!("{error}"),
                }
            }
            let read = store.read_log().to_vec();
            println!("read: {:?}", read.map(|events| events.len()));
            said
        }
    };
    println!("answer: {said}");
}

#[test]
fn with_few_files_or_addresses_a_store_refuses_and_loses_nothing() {
    let files = (4..14).step_by(3).map(|files| format!("-n {files}"));
    let addresses = [60, 300].map(|mib| format!("-v {}", mib << 10));
    let mut refused = 0;
    for limit in files.chain(addresses) {
        let place = Place::new();
        let _ = place
            .open()
            .append(&book(1), ExpectedVersion::Any, [lent("a")])
            .unwrap();
        let answers = answers(limited(&limit, "scarce::child_that_appends", &place));
        println!("{limit}: {:?}", answers.last());
        refused += usize::from(
            answers
                .last()
                .is_some_and(|last| last.starts_with("refused: ")),
        );
        let answered = answers
            .iter()
            .rev()
            .find_map(|answer| answer.parse::<u64>().ok());
        assert_eq!(
            place.open().head(),
            answered.unwrap_or(1),
            "{limit}: {answers:?}"
        );
    }
    assert!(refused > 0, "no limit was too low");
}

/// Starts a reading process that tells the head whenever a line comes in.
struct Reader(std::process::Child, BufReader<std::process::ChildStdout>);

impl Reader {
    fn start(place: &Place) -> Self {
        Self::run(child("scarce::child_that_tells_heads", &place.path()))
    }

    fn run(mut reader: Command) -> Self {
        reader.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut reader = reader.spawn().unwrap();
        let answers = BufReader::new(reader.stdout.take().unwrap());
        Self(reader, answers)
    }

    fn ask(&mut self) -> String {
        self.tell("how far are you?")
    }

    fn tell(&mut self, line: &str) -> String {
        use std::io::Write;
        writeln!(self.0.stdin.as_ref().unwrap(), "{line}").unwrap();
        let answers = (&mut self.1).lines().map(Result::unwrap);
        let mut answers =
            answers.filter_map(|line| Some(line.strip_prefix("answer: ")?.to_owned()));
        answers.next().unwrap()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_tells_heads() {
    let store = Store::open_read_only(child_path()).unwrap();
    let mut files = Vec::new();
    for question in std::io::stdin().lines() {
        if question.unwrap() == "take all files" {
            let taken = std::iter::repeat_with(|| fs::File::open("/dev/null"));
            files.extend(taken.map_while(Result::ok));
        }
        let read = store.read_log().to_vec();
        match read {
            Ok(events) => println!("answer: {} of {}", events.len(), store.head()),
            Err(error) => println!("answer: {error}"),
        }
    }
}

#[test]
#[ignore = "a child process of the test below"]
fn child_that_appends_and_waits() {
    let store = varvedb::blocking::Store::open(child_path()).unwrap();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    println!("answer: ready");
    let _ = std::io::stdin().lines().next();
    drop(store);
}

#[test]
fn a_reader_goes_on_beside_a_writer_that_is_stopped() {
    let place = Place::new();
    drop(place.open());
    let mut writer = child("scarce::child_that_appends_and_waits", &place.path());
    writer.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut writer = writer.spawn().unwrap();
    let said = BufReader::new(writer.stdout.take().unwrap());
    assert!(
        said.lines()
            .map(Result::unwrap)
            .any(|line| line == "answer: ready")
    );
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask(), "1 of 1");
    let stop = Command::new("kill")
        .args(["-STOP", &writer.id().to_string()])
        .status();
    assert!(stop.unwrap().success());
    assert_eq!(reader.ask(), "1 of 1");
    assert_eq!(Reader::start(&place).ask(), "1 of 1");
    let held = Store::open(place.path()).unwrap_err().to_string();
    assert!(
        held.contains(&format!("held by process {}", writer.id())),
        "{held}"
    );
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert_eq!(payloads(&place.open(), &book(1)), ["a"]);
}

/// It opened the lock file anew at every look, took the failure for silence, and stayed where it was.
#[test]
fn a_reader_without_free_files_hears_of_commits_all_the_same() {
    let place = Place::new();
    let store = place.open();
    let append = || store.append(&book(1), ExpectedVersion::Any, [lent("a")]);
    let _ = append().unwrap();
    let mut reader = Reader::run(limited("-n 60", "scarce::child_that_tells_heads", &place));
    assert_eq!(reader.ask(), "1 of 1");
    assert_eq!(reader.tell("take all files"), "1 of 1");
    let _ = append().unwrap();
    assert_eq!(reader.ask(), "2 of 2");
}

#[test]
fn a_reader_that_cannot_open_a_new_segment_says_so_instead_of_staying_behind() {
    let place = Place::new();
    let store = place.open_with(Store::options().segment_bytes(64 << 10));
    let append = || store.append(&book(1), ExpectedVersion::Any, [lent(&"x".repeat(10_000))]);
    let _ = append().unwrap();
    let mut reader = Reader::run(limited("-n 60", "scarce::child_that_tells_heads", &place));
    assert_eq!(reader.ask(), "1 of 1");
    assert_eq!(reader.tell("take all files"), "1 of 1");
    for _ in 0..20 {
        let _ = append().unwrap();
    }
    let said = reader.ask();
    assert!(said.contains("Too many open files"), "{said}");
    assert_eq!(Reader::start(&place).ask(), "21 of 21");
}

#[test]
fn a_store_that_is_removed_beneath_its_processes_fails_and_does_not_hang() {
    let place = Place::new();
    let store = place.open_with(Store::options().segment_bytes(64 << 10));
    let append = || store.append(&book(1), ExpectedVersion::Any, [lent(&"x".repeat(10_000))]);
    let _ = append().unwrap();
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask(), "1 of 1");
    fs::remove_dir_all(place.path()).unwrap();
    assert_eq!(
        reader.ask(),
        "1 of 1",
        "what it has mapped it may go on reading"
    );
    let failure = (0..20).find_map(|_| append().err());
    assert!(failure.unwrap().to_string().contains("No such file"));
    assert!(matches!(append(), Err(AppendError::Storage(error)) if error.is_poisoned()));
    drop(store);
    drop(reader);
    assert_eq!(place.open().head(), 0);
}
