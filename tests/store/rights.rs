//! What a process without rights meets: an error that names the file, and nothing else.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use varvedb::{ExpectedVersion, Store};

use crate::kit::{Place, book, child, child_path, lent};

/// A user who owns nothing.
const NOBODY: u32 = 65534;

/// A closed store of one event, in folders that everybody may use.
fn for_everybody() -> Place {
    let place = Place::new();
    let _ = place
        .open()
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    allow(&place.path().join(".."), "", 0o777);
    for (name, mode) in [
        ("", 0o777),
        ("log", 0o777),
        ("index", 0o777),
        ("store.toml", 0o666),
        ("lock", 0o666),
        ("index/data.mdb", 0o666),
        ("index/lock.mdb", 0o666),
        ("log/0000000000000001.varve", 0o666),
    ] {
        allow(&place.path(), name, mode);
    }
    place
}

fn allow(path: &Path, name: &str, mode: u32) {
    fs::set_permissions(path.join(name), Permissions::from_mode(mode)).unwrap();
}

/// What opening and reading says when nobody in particular does it; `None` where this process
/// may not become nobody.
fn said_to_nobody(place: &Place, test: &str) -> Option<String> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    if !is_root {
        return None;
    }
    // The folder that cargo builds in may be closed to others, so the program is copied; by another
    // process, since one that a test beside this one forks would inherit the file, open for
    // writing, and such a file cannot be run.
    let folder = tempfile::tempdir().unwrap();
    allow(folder.path(), "", 0o755);
    let program = folder.path().join("program");
    let this = std::env::current_exe().unwrap();
    let mut copy = Command::new("cp");
    assert!(copy.arg(this).arg(&program).status().unwrap().success());
    let child = child(test, &place.path());
    let mut nobody = Command::new(program);
    nobody.args(child.get_args()).current_dir("/");
    for (key, value) in child.get_envs() {
        nobody.env(key, value.unwrap());
    }
    let output = nobody.uid(NOBODY).gid(NOBODY).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let answer = said.lines().find_map(|line| line.strip_prefix("answer: "));
    Some(answer.unwrap().to_owned())
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_writes() {
    let answer = match varvedb::blocking::Store::open(child_path()) {
        Ok(store) => match store.append(&book(1), ExpectedVersion::Any, [lent("b")]) {
            Ok(appended) => format!("appended {}", appended.last_position),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    println!("answer: {answer}");
}

#[test]
#[ignore = "a child process of the tests in this file"]
fn child_that_reads() {
    let read = Store::open_read_only(child_path()).map_err(|error| error.to_string());
    let read = read.and_then(|store| {
        let events = store.read_log().to_vec();
        events.map_err(|error| error.to_string())
    });
    let answer = read.map_or_else(|error| error, |events| format!("read {}", events.len()));
    println!("answer: {answer}");
}

#[test]
fn what_may_not_be_used_is_named() {
    const WRITES: &str = "rights::child_that_writes";
    const READS: &str = "rights::child_that_reads";
    for (name, mode, test, expected) in [
        ("", 0o777, WRITES, "appended 2"),
        ("", 0o777, READS, "read 1"),
        ("", 0o000, WRITES, "store.toml: Permission denied"),
        ("", 0o000, READS, "store.toml: Permission denied"),
        ("lock", 0o444, WRITES, "lock: Permission denied"),
        ("lock", 0o000, READS, "lock: Permission denied"),
        ("log", 0o000, WRITES, "log: Permission denied"),
        ("log", 0o000, READS, "log: Permission denied"),
        (
            "log/0000000000000001.varve",
            0o000,
            WRITES,
            "1.varve: Permission denied",
        ),
        (
            "log/0000000000000001.varve",
            0o444,
            WRITES,
            "1.varve: Permission denied",
        ),
        (
            "log/0000000000000001.varve",
            0o000,
            READS,
            "1.varve: Permission denied",
        ),
        ("log/0000000000000001.varve", 0o444, READS, "read 1"),
        (
            "index/data.mdb",
            0o000,
            READS,
            "data.mdb: Permission denied",
        ),
        ("index/data.mdb", 0o444, WRITES, "index: Permission denied"),
        ("index/data.mdb", 0o444, READS, "read 1"),
        (
            "index/lock.mdb",
            0o444,
            READS,
            "lock.mdb: Permission denied",
        ),
        ("index", 0o000, READS, "data.mdb: Permission denied"),
    ] {
        let place = for_everybody();
        allow(&place.path(), name, mode);
        let Some(said) = said_to_nobody(&place, test) else {
            println!("SKIPPED: only root becomes another user");
            return;
        };
        assert!(
            said.ends_with(expected) || said.contains(&format!("{expected} (os error 13)")),
            "{test} with `{name}` {mode:o}: {said}"
        );
        allow(
            &place.path(),
            name,
            if place.path().join(name).is_dir() {
                0o777
            } else {
                0o666
            },
        );
        assert!(place.open().head() >= 1.into(), "nothing is lost");
    }
}

/// A mount of a store that nobody can write through, gone when dropped.
struct ReadOnlyMount<'a>(&'a Path);

impl<'a> ReadOnlyMount<'a> {
    /// `None` where this process may not mount.
    fn of(store: &Path, at: &'a Path) -> Option<Self> {
        let mount = |arguments: &[&str]| {
            let mut mount = Command::new("mount");
            let output = mount.args(arguments).arg(store).arg(at).output();
            output.is_ok_and(|output| output.status.success())
        };
        if !mount(&["--bind"]) {
            return None;
        }
        let mounted = Self(at);
        mount(&["-o", "remount,ro,bind"]).then_some(mounted)
    }
}

impl Drop for ReadOnlyMount<'_> {
    fn drop(&mut self) {
        let mut umount = Command::new("umount");
        let _ = umount.arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_store_on_a_disk_that_takes_no_writes_is_read_and_not_written() {
    let place = for_everybody();
    let at = tempfile::tempdir().unwrap();
    let Some(_mounted) = ReadOnlyMount::of(&place.path(), at.path()) else {
        println!("SKIPPED: this process may not mount");
        return;
    };
    let said = Store::open(at.path()).unwrap_err().to_string();
    assert!(said.contains("lock: Read-only file system"), "{said}");
    let store = Store::open_read_only(at.path()).unwrap();
    assert_eq!(store.read_stream(&book(1)).to_vec().unwrap().len(), 1);
}

/// LMDB has no table of readers there, so that the writing process would use pages again that are
/// being read.
#[test]
fn a_store_that_is_mounted_read_only_is_not_read_beside_a_process_that_writes() {
    let place = for_everybody();
    let at = tempfile::tempdir().unwrap();
    let Some(_mounted) = ReadOnlyMount::of(&place.path(), at.path()) else {
        println!("SKIPPED: this process may not mount");
        return;
    };
    let mut reader = child("rights::child_that_reads_again_and_again", at.path());
    reader.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut reader = reader.spawn().unwrap();
    let mut questions = reader.stdin.take().unwrap();
    let said = BufReader::new(reader.stdout.take().unwrap());
    let mut said = said.lines().map(Result::unwrap);
    let mut ask = || {
        writeln!(questions).unwrap();
        let answer = |line: String| Some(line.strip_prefix("answer: ")?.to_owned());
        said.by_ref().find_map(answer).unwrap()
    };
    assert_eq!(ask(), "read 1");
    let writer = place.open();
    assert!(ask().contains("it is mounted read-only here"));
    let late = child("rights::child_that_reads", at.path()).output();
    let late = String::from_utf8(late.unwrap().stdout).unwrap();
    assert!(late.contains("while nobody writes"), "{late}");
    drop(writer);
    assert!(
        ask().contains("reopen it"),
        "what it read meanwhile may be wrong"
    );
    reader.kill().unwrap();
    reader.wait().unwrap();
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_reads_again_and_again() {
    let store = Store::open_read_only(child_path()).unwrap();
    for _ in std::io::stdin().lines() {
        let events = store.read_stream(&book(1)).to_vec();
        let answer = events.map_err(|error| error.to_string());
        let answer = answer.map_or_else(|error| error, |events| format!("read {}", events.len()));
        println!("answer: {answer}");
    }
}
