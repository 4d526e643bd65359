//! The map grows by itself, under readers of this and of another process.

use std::ops::Bound;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Index, IndexOptions, Order, SMALL_MAP_BYTES, STORE, add, stream};
use crate::error::StorageError;
use crate::stream::KeyRef;

fn open_small(dir: &Path) -> Index {
    let options = IndexOptions {
        map_bytes: SMALL_MAP_BYTES,
        ..IndexOptions::new(STORE)
    };
    Index::open(dir, &options).unwrap()
}

fn put_rows(index: &Index, round: u32) {
    let rows = index.write(|rows| {
        for n in 0..100_u32 {
            rows.put("p", "t", &(round * 100 + n).to_be_bytes(), &[7; 500])?;
        }
        Ok::<_, StorageError>(())
    });
    rows.unwrap();
}

fn count_rows(index: &Index) -> u32 {
    let mut count = 0;
    let all = (Bound::Unbounded, Bound::Unbounded);
    let see = |_: &[u8], value: &[u8]| {
        assert_eq!(value, [7; 500]);
        count += 1;
        ControlFlow::Continue(())
    };
    index
        .read()
        .unwrap()
        .scan(("p", "t"), all, Order::Forwards, see)
        .unwrap();
    count
}

#[test]
fn nobody_meets_a_full_map_neither_folds_nor_writes_nor_readers() {
    let dir = tempfile::tempdir().unwrap();
    let index = open_small(dir.path());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    assert_eq!(count_rows(&index) % 100, 0, "transactions are whole");
                    assert_eq!(index.version(1, KeyRef::Number(1)).unwrap().get() % 500, 0);
                }
            });
        }
        let rounds = scope.spawn(|| (0..20).for_each(|round| put_rows(&index, round)));
        for round in 0..20 {
            let event = |n| (1, KeyRef::Number(1), round * 500 + n);
            let events: Vec<_> = (1..=500).map(event).collect();
            add(&index, round * 500 + 1, &events);
            assert_eq!(index.fold(1).unwrap(), 500);
        }
        rounds.join().unwrap();
        done.store(true, Ordering::Release);
    });
    assert!(index.bytes_on_disk().unwrap() > 8 * SMALL_MAP_BYTES as u64);
    assert_eq!(count_rows(&index), 2_000);
    assert_eq!(stream(&index, 1, KeyRef::Number(1)).len(), 10_000);
}

#[test]
fn one_value_larger_than_the_whole_map_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let index = open_small(dir.path());
    let value = vec![3; 20 * SMALL_MAP_BYTES];
    let mut runs = 0;
    index
        .write(|rows| {
            runs += 1;
            rows.put("p", "t", b"k", &value)
        })
        .unwrap();
    assert!(runs > 1, "it ran again on a larger map");
    let rows = index.read().unwrap();
    assert_eq!(rows.get("p", "t", b"k").unwrap(), Some(&value[..]));
}

#[test]
fn an_error_that_is_swallowed_does_not_hide_a_full_map() {
    let dir = tempfile::tempdir().unwrap();
    let index = open_small(dir.path());
    let value = vec![3; 4 * SMALL_MAP_BYTES];
    index
        .write(|rows| {
            let _ = rows.put("p", "t", b"k", &value);
            Ok::<_, StorageError>(())
        })
        .unwrap();
    assert!(index.read().unwrap().get("p", "t", b"k").unwrap().is_some());
}

const READ_THERE: &str = "VARVEDB_TEST_READ_INDEX";

/// The other process: reads until it has seen all rows. It does nothing when it is not asked to.
#[test]
fn other_process_reads() {
    let Some(dir) = std::env::var_os(READ_THERE).map(PathBuf::from) else {
        return;
    };
    let index = Index::open_read_only(&dir, STORE).unwrap();
    std::fs::write(dir.join("reads"), b"").unwrap();
    loop {
        let count = count_rows(&index);
        assert_eq!(count % 100, 0);
        index.drop_folded().unwrap();
        let version = index.version(1, KeyRef::Number(1)).unwrap().get();
        if count == 2_000 && version == 10 {
            return;
        }
    }
}

fn read_in_another_process(dir: &Path) -> Child {
    let test = "index::tests::growth::other_process_reads";
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--quiet"])
        .env(READ_THERE, dir)
        .spawn()
        .unwrap()
}

#[test]
fn another_process_reads_on_while_the_map_grows() {
    let dir = tempfile::tempdir().unwrap();
    let index = open_small(dir.path());
    let mut child = read_in_another_process(dir.path());
    while !dir.path().join("reads").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it could not begin");
        thread::yield_now();
    }
    for round in 0..20 {
        put_rows(&index, round);
    }
    for n in 1..=10 {
        add(&index, n, &[(1, KeyRef::Number(1), n)]);
        index.fold(1).unwrap();
    }
    assert!(child.wait().unwrap().success());
}
