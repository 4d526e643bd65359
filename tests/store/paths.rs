//! Paths of every kind: a store is found where it is, and what is no store is not made one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use varvedb::{ExpectedVersion, OpenError, Store};

use crate::kit::{Place, book, lent, payloads};

#[test]
fn a_store_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        &b"with spaces"[..],
        b"not utf-8 \xff\xfe",
        b"slash/",
        b"a/../b",
        b"\n",
        b"-rf",
    ] {
        let path = folder.path().join(OsStr::from_bytes(name));
        fs::create_dir_all(folder.path().join("a")).unwrap();
        for count in 1..=2 {
            let store = varvedb::blocking::Store::open(&path).unwrap();
            let _ = store
                .append(&book(1), ExpectedVersion::Any, [lent("a")])
                .unwrap();
            assert_eq!(store.head(), count);
        }
        assert_eq!(Store::open_read_only(&path).unwrap().head(), 2);
    }
}

#[test]
fn what_is_no_directory_is_not_made_a_store() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "precious").unwrap();
    symlink("/nowhere/at/all", folder.path().join("dangling")).unwrap();
    for name in ["file", "file/", "file/beneath", "dangling"] {
        let path = folder.path().join(name);
        let said = Store::open(&path).unwrap_err().to_string();
        assert!(said.contains("not a directory"), "{name}: {said}");
        Store::open_read_only(&path).unwrap_err();
    }
    for path in ["", "a\0b"] {
        assert!(
            matches!(Store::open(path), Err(OpenError::Storage(_))),
            "{path:?}"
        );
        Store::open_read_only(path).unwrap_err();
    }
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"precious");
}

#[test]
fn parts_of_a_store_may_lie_elsewhere() {
    let (place, elsewhere) = (Place::new(), tempfile::tempdir().unwrap());
    let append = |to: &str| {
        let _ = place
            .open_with(Store::options().segment_bytes(64 << 10))
            .append(
                &book(1),
                ExpectedVersion::Any,
                [lent(to), lent(&"x".repeat(50_000))],
            )
            .unwrap();
    };
    append("a");
    for (number, part) in ["index", "log/0000000000000001.varve", "log"]
        .into_iter()
        .enumerate()
    {
        let (from, to) = (
            place.path().join(part),
            elsewhere.path().join(number.to_string()),
        );
        assert!(
            std::process::Command::new("mv")
                .arg(&from)
                .arg(&to)
                .status()
                .unwrap()
                .success()
        );
        symlink(&to, &from).unwrap();
        append("b");
    }
    let moved = elsewhere.path().join("store");
    fs::rename(place.path(), &moved).unwrap();
    symlink(&moved, place.path()).unwrap();
    append("c");
    let read: Vec<String> = payloads(&place.open(), &book(1));
    assert_eq!(read.iter().filter(|text| text.len() == 1).count(), 5);
}

#[test]
fn a_file_in_the_place_of_a_part_is_an_error_and_left_alone() {
    for part in ["index", "log", "lock", "store.toml"] {
        let place = Place::new();
        drop(place.open());
        let path = place.path().join(part);
        fs::rename(&path, place.path().with_file_name("away")).unwrap();
        let is_file = place.path().with_file_name("away").is_file();
        if is_file {
            fs::create_dir(&path).unwrap();
        } else {
            fs::write(&path, "precious").unwrap();
        }
        let said = Store::open(place.path()).unwrap_err().to_string();
        assert!(said.contains(part), "{part}: {said}");
        assert_eq!(path.is_dir(), is_file);
    }
}
