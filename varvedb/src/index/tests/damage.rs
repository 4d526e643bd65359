//! Files and rows that are not what was written: an error that can be answered, never a crash.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::name::StreamName;
use super::super::{IndexError, chunk, file, places};
use super::{Index, IndexOptions, Order, Point, STORE, VersionRange, add, open, place};
use crate::error::StorageError;
use crate::position::Position;
use crate::stream::KeyRef;

const KEY: KeyRef<'static> = KeyRef::Number(1);

fn data(dir: &Path) -> PathBuf {
    dir.join(file::DATA)
}

/// An index with some hundred events in one stream.
fn filled(dir: &Path) -> Index {
    let index = open(dir);
    let events: Vec<_> = (1..=300).map(|n| (1, KEY, n)).collect();
    add(&index, 1, &events);
    index.fold(1).unwrap();
    index
}

fn refused(dir: &Path) -> IndexError {
    Index::open(dir, &IndexOptions::new(STORE)).unwrap_err()
}

#[test]
fn a_file_that_is_not_lmdbs_asks_for_a_rebuild_and_gets_it() {
    let long = vec![0xa5; 100_000];
    for garbage in [&b"x"[..], &[0; 4096], &long] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(data(dir.path()), garbage).unwrap();
        let error = refused(dir.path());
        assert!(error.asks_for_rebuild(), "{error}");
        Index::delete(dir.path()).unwrap();
        assert_eq!(open(dir.path()).folded().unwrap().position, 0);
    }
}

#[test]
fn a_file_that_was_cut_anywhere_asks_for_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let whole = fs::read(data(dir.path())).unwrap();
    for kept in (1..whole.len()).step_by(1000).chain([whole.len() - 1]) {
        fs::write(data(dir.path()), &whole[..kept]).unwrap();
        let error = refused(dir.path());
        assert!(
            error.asks_for_rebuild(),
            "{kept} of {} bytes: {error}",
            whole.len()
        );
        let error = Index::open_read_only(dir.path(), STORE).unwrap_err();
        assert!(error.asks_for_rebuild(), "{kept} bytes: {error}");
    }
    fs::write(data(dir.path()), &whole).unwrap();
    assert_eq!(open(dir.path()).version(1, KEY).unwrap(), 300);
}

#[test]
fn a_root_that_was_overwritten_asks_for_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let mut bytes = fs::read(data(dir.path())).unwrap();
    let metas = 2 * 4096;
    bytes[metas..].fill(0xee);
    fs::write(data(dir.path()), &bytes).unwrap();
    assert!(refused(dir.path()).asks_for_rebuild());
}

#[test]
fn the_index_of_another_store_is_named_as_such() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let other = Uuid::from_u128(8);
    let error = Index::open(dir.path(), &IndexOptions::new(other)).unwrap_err();
    assert!(
        matches!(error, IndexError::Foreign { found: STORE, .. }),
        "{error}"
    );
    assert!(error.asks_for_rebuild());
}

#[test]
fn an_index_in_another_format_is_named_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path());
    let environment = &index.shared.environment;
    let row = [0, 0, 0, 99, 1, 2, 3];
    environment
        .write(|t| t.put(t.tables.progress, b"progress", &row))
        .unwrap();
    drop(index);
    let error = refused(dir.path());
    assert!(
        matches!(
            error,
            IndexError::Format {
                expected: 3,
                found: 99
            }
        ),
        "{error}"
    );
    assert!(error.asks_for_rebuild());
}

#[test]
fn a_reader_says_when_there_is_no_index() {
    let dir = tempfile::tempdir().unwrap();
    let error = Index::open_read_only(dir.path(), STORE).unwrap_err();
    assert!(matches!(error, IndexError::Missing), "{error}");
}

#[test]
fn an_index_that_may_not_be_read_is_not_called_damaged() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(data(dir.path())).unwrap();
    let error = refused(dir.path());
    assert!(!error.asks_for_rebuild(), "{error}");
}

#[test]
fn a_missing_chunk_is_an_error_and_no_gap() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path());
    let environment = &index.shared.environment;
    let name = StreamName::new(1, KEY).unwrap();
    let key = name.chunk(crate::Version::new(65));
    assert!(
        environment
            .write(|t| t.delete(t.tables.runs, &key))
            .unwrap()
    );
    for order in [Order::Forwards, Order::Backwards] {
        let mut out = Vec::new();
        let read = index.stream_places(1, KEY, VersionRange::ALL, order, 1000, &mut out);
        let error = read.unwrap_err().to_string();
        assert!(
            error.contains("runs") && error.contains("delete the index"),
            "{error}"
        );
    }
}

#[test]
fn rows_that_point_beyond_the_log_stop_the_fold_and_nothing_is_written_behind_them() {
    for table in ["heads", "categories"] {
        let dir = tempfile::tempdir().unwrap();
        let index = filled(dir.path());
        let far = Point {
            position: Position::new(1 << 40),
            place: place(1 << 30),
        };
        let points = [far];
        index
            .shared
            .environment
            .write(|t| {
                let tables = *t.tables;
                let mut row = Vec::new();
                if table == "heads" {
                    let before = 299;
                    chunk::put_number(before, &mut row);
                    chunk::encode(&points, &mut row);
                    let name = StreamName::new(1, KEY)?;
                    t.put(tables.heads, name.as_bytes(), &row)
                } else {
                    chunk::encode(&points, &mut row);
                    t.put(
                        tables.categories,
                        &places::category_key(1, far.position),
                        &row,
                    )
                }
            })
            .unwrap();
        add(&index, 301, &[(1, KEY, 301)]);
        let error = index.fold(1).unwrap_err().to_string();
        assert!(
            error.contains(table) && error.contains("delete the index"),
            "{error}"
        );
        assert_eq!(index.folded().unwrap().position, 300);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn hostile_rows_are_errors_or_answers_and_never_a_panic(row in vec(any::<u8>(), 0..40)) {
        let dir = tempfile::tempdir().unwrap();
        let index = filled(dir.path());
        index.shared.environment.write(|t| {
            let tables = *t.tables;
            for table in [tables.heads, tables.runs, tables.categories, tables.marks, tables.definitions] {
                let keys: Vec<Vec<u8>> = {
                    let rows = table.iter(t.txn()).unwrap();
                    rows.map(|row| row.unwrap().0.to_vec()).collect()
                };
                for key in keys {
                    t.put(table, &key, &row)?;
                }
            }
            t.put(tables.definitions, &[1; 7], &row)?;
            t.put(tables.checkpoints, b"\x01p", &row)
        }).unwrap();
        let mut out = Vec::new();
        for order in [Order::Forwards, Order::Backwards] {
            let _ = index.stream_places(1, KEY, VersionRange::ALL, order, 10_000, &mut out);
            let _ = index.category_places(1, Position::ZERO, None, order, 10_000, &mut Vec::new());
        }
        let _ = (index.version(1, KEY), index.definitions(), index.streams(1, None, 9));
        let _ = index.frame_before(Position::new(200));
        let _: Result<(), StorageError> = index.read().unwrap().checkpoint("p").map(drop);
        add(&index, 301, &[(1, KEY, 301)]);
        let _ = index.fold(1);
    }
}
