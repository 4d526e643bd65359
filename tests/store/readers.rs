//! Processes that read beside the one that writes.

use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use varvedb::{AppendError, ExpectedVersion, Store};

use crate::kit::{Place, book, child, child_path, lent};

/// A reading process that answers questions, one line each.
struct Reader {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn start(place: &Place) -> Self {
        let mut process = child("readers::child_that_reads", &place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let questions = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            questions,
            answers,
        }
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").unwrap();
        let mut line = String::new();
        while self.answers.read_line(&mut line).unwrap() > 0 {
            if let Some(answer) = line.trim_end().strip_prefix("answer: ") {
                return answer.to_owned();
            }
            line.clear();
        }
        panic!("the reading process is gone");
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_reads() {
    let store = Store::open_read_only(child_path()).unwrap();
    for question in std::io::stdin().lines() {
        let question = question.unwrap();
        let (verb, number) = question.split_once(' ').unwrap();
        let number: u64 = number.parse().unwrap();
        let answer = match verb {
            "stream" => texts(&store, number),
            "wait" => {
                let head = pollster::block_on(store.head_after((number - 1).into())).unwrap();
                assert!(head >= number.into());
                count(&store).to_string()
            }
            "append" => append(&store, number),
            "version" => store.version(&book(number)).unwrap().to_string(),
            "last" => last(&store, number),
            "streams" => streams(&store).to_string(),
            "fail" => pollster::block_on(store.head_after(number.into()))
                .unwrap_err()
                .to_string(),
            _ => unreachable!("{question}"),
        };
        println!("answer: {answer}");
    }
}

fn texts(store: &Store, stream: u64) -> String {
    let events = store.read_stream(&book(stream)).to_vec().unwrap();
    let text = |event: &varvedb::RecordedEventBuf| String::from_utf8_lossy(&event.payload).into();
    events.iter().map(text).collect::<Vec<String>>().join(",")
}

fn last(store: &Store, stream: u64) -> String {
    let stream = book(stream);
    let events = store.read_stream(&stream).backwards().limit(1).to_vec();
    String::from_utf8_lossy(&events.unwrap()[0].payload).into()
}

fn streams(store: &Store) -> usize {
    let category = varvedb::Category::new("book").unwrap();
    store.streams(&category, None, 100).unwrap().len()
}

fn count(store: &Store) -> u64 {
    let mut last = 0;
    let visitor = |event: &varvedb::RecordedEvent<'_>| {
        assert_eq!(
            event.position(),
            last + 1,
            "positions are dense for readers too"
        );
        last = event.position().get();
        ControlFlow::Continue(())
    };
    store.read_log().visit(visitor).unwrap();
    last
}

fn append(store: &Store, stream: u64) -> String {
    let stream = book(stream);
    let append = store.append(&stream, ExpectedVersion::Any, [lent("x")]);
    let error = pollster::block_on(append).unwrap_err();
    assert!(matches!(error, AppendError::ReadOnly));
    error.to_string()
}

#[test]
fn a_reading_process_sees_commits_as_they_come() {
    let place = Place::new();
    let store = place.open();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask("stream 1"), "a");
    for number in 2..=300_u64 {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("b")])
            .unwrap();
        if number % 50 == 0 {
            assert_eq!(reader.ask(&format!("wait {number}")), number.to_string());
        }
    }
    assert_eq!(reader.ask("stream 1").split(',').count(), 300);
}

#[test]
fn a_reading_process_may_not_write() {
    let place = Place::new();
    let _store = place.open();
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask("append 1"), "the store was opened read-only");
}

#[test]
fn a_reading_process_needs_no_writer_and_outlives_several() {
    let place = Place::new();
    let append = |to: &str| {
        let _ = place
            .open()
            .append(&book(1), ExpectedVersion::Any, [lent(to)])
            .unwrap();
    };
    append("a");
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask("stream 1"), "a");
    append("b");
    assert_eq!(reader.ask("stream 1"), "a,b");
    append("c");
    assert_eq!(reader.ask("stream 1"), "a,b,c");
}

#[test]
fn a_reader_follows_into_new_segments_and_past_folds() {
    const COMMITS: u64 = 400;
    let place = Place::new();
    let store = place.open_with(
        Store::options()
            .segment_bytes(64 << 10)
            .index_map_bytes(1 << 20),
    );
    let mut reader = Reader::start(&place);
    for number in 0..COMMITS {
        let event = lent(&"x".repeat(1000));
        let _ = store
            .append(&book(number), ExpectedVersion::Any, [event])
            .unwrap();
    }
    assert!(place.log_files().len() > 3);
    assert_eq!(reader.ask(&format!("wait {COMMITS}")), COMMITS.to_string());
    std::thread::sleep(std::time::Duration::from_millis(200));
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("end")])
        .unwrap();
    assert_eq!(
        reader.ask(&format!("wait {}", COMMITS + 1)),
        (COMMITS + 1).to_string()
    );
    assert!(reader.ask("stream 1").ends_with(",end"));
}

fn signal(reader: &Reader, signal: &str) {
    let pid = reader.process.id().to_string();
    let sent = std::process::Command::new("kill")
        .args([signal, &pid])
        .status();
    assert!(sent.unwrap().success());
}

/// Stops a reader. When `kill` has returned, the signal is only on its way: some of its threads may
/// still look at what is written next.
fn stop(reader: &Reader) {
    signal(reader, "-STOP");
    let tasks = format!("/proc/{}/task", reader.process.id());
    let is_stopped = |task: std::path::PathBuf| {
        let stat = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
        stat.rsplit(") ")
            .next()
            .is_some_and(|state| state.starts_with('T'))
    };
    let all_are_stopped = || {
        let tasks = std::fs::read_dir(&tasks).into_iter().flatten().flatten();
        tasks.map(|task| task.path()).all(is_stopped)
    };
    while !all_are_stopped() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// A reader once took every frame that was not whole for one that was being written, and waited.
#[test]
fn a_reader_that_meets_damage_says_where_instead_of_waiting() {
    let place = Place::new();
    let store = place.open();
    let append = |to: &str| {
        store
            .append(&book(1), ExpectedVersion::Any, [lent(to)])
            .unwrap()
    };
    let _ = append("a");
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask("stream 1"), "a");
    stop(&reader);
    let _ = append("to be damaged");
    let _ = append("c");
    let file = place.log_files().remove(0);
    crate::damage::flip_in(&file, "to be damaged");
    signal(&reader, "-CONT");
    let error = reader.ask("fail 1");
    assert!(error.contains("is damaged at offset"), "{error}");
    assert!(error.contains("(position 2)"), "{error}");
}

/// The index is shared, the log is followed: a reader that does not hear of the head sees an index
/// that knows more than its log. Stream reads once failed then.
#[test]
fn a_reader_goes_no_further_than_its_head_when_the_index_knows_more() {
    let place = Place::new();
    let store = place.open();
    let append = |stream: u64, to: &str| {
        store
            .append(&book(stream), ExpectedVersion::Any, [lent(to)])
            .unwrap()
    };
    let _ = append(1, "a");
    let mut reader = Reader::start(&place);
    assert_eq!(reader.ask("stream 1"), "a");
    let lock = place.path().join("lock");
    let early = std::fs::read(&lock).unwrap();
    stop(&reader);
    let _ = append(1, "b");
    let _ = append(2, "c");
    // Closing folds everything.
    drop(store);
    let late = std::fs::read(&lock).unwrap();
    std::fs::write(&lock, early).unwrap();
    signal(&reader, "-CONT");
    assert_eq!(reader.ask("stream 1"), "a");
    assert_eq!(reader.ask("last 1"), "a");
    assert_eq!(reader.ask("version 1"), "1");
    assert_eq!(reader.ask("streams 0"), "1");
    std::fs::write(&lock, late).unwrap();
    assert_eq!(reader.ask("stream 1"), "a,b");
    assert_eq!(reader.ask("streams 0"), "2");
}
