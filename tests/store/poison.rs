//! A disk that takes no more: told by every call, cured by reopening.

use std::process::Command;

use varvedb::blocking::Store;
use varvedb::{AppendError, ExpectedVersion};

use crate::kit::{Place, book, child, child_path, lent, payloads};

/// Runs a child whose files may not grow beyond so many KiB: writes behind that fail as they do
/// on a full disk.
fn with_file_limit(kib: u32, child: &Command) -> std::process::Output {
    let mut shell = Command::new("bash");
    shell.args([
        "-c",
        &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""),
    ]);
    shell.arg(child.get_program()).args(child.get_args());
    shell.envs(
        child
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    shell.output().unwrap()
}

#[test]
fn after_a_failed_write_every_call_says_so_and_reopening_recovers() {
    let place = Place::new();
    let child = child("poison::child_on_a_full_disk", &place.path());
    let output = with_file_limit(512, &child);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let answered: u64 = said
        .lines()
        .find_map(|l| l.strip_prefix("answered: ")?.parse().ok())
        .unwrap();
    assert!(answered > 0);

    let store = place.open();
    assert_eq!(
        store.head(),
        answered,
        "everything answered is there, nothing else"
    );
    assert_eq!(payloads(&store, &book(1)).len() as u64, answered);
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("again")])
        .unwrap();
}

#[test]
#[ignore = "a child process of the test above"]
fn child_on_a_full_disk() {
    let store = Store::new(&varvedb::Store::open(child_path()).unwrap());
    let mut answered = 0;
    let failure = loop {
        match store.append(&book(1), ExpectedVersion::Any, [lent(&"x".repeat(10_000))]) {
            Ok(appended) => answered = appended.last_position.get(),
            Err(AppendError::Storage(failure)) => break failure,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(failure.is_full(), "{failure}");
    let again = store
        .append(&book(2), ExpectedVersion::Any, [lent("b")])
        .unwrap_err();
    assert!(
        matches!(&again, AppendError::Storage(error) if error.is_poisoned()),
        "{again}"
    );
    let read = store
        .read_stream(&book(1))
        .to_vec()
        .unwrap_err()
        .to_string();
    let version = store.version(&book(1)).unwrap_err().to_string();
    assert_eq!(
        (read.as_str(), version.as_str()),
        (&*again.to_string(), &*again.to_string())
    );
    println!("answered: {answered}");
}
