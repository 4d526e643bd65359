//! Rows and checkpoints of read models.

use std::ops::{Bound, ControlFlow};

use super::super::{Checkpoint, RowReader, RowWriter};
use super::{Index, Order, open};
use crate::error::StorageError;
use crate::position::Position;

type Range<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

const ALL: Range<'static> = (Bound::Unbounded, Bound::Unbounded);

fn at(position: u64) -> Checkpoint {
    Checkpoint {
        position: Position::new(position),
        note: b"note".to_vec(),
    }
}

fn write<T>(
    index: &Index,
    f: impl FnMut(&mut RowWriter<'_, '_>) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    index.write(f)
}

fn keys(rows: &RowReader<'_>, table: &str, range: Range<'_>, order: Order) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let see = |key: &[u8], _: &[u8]| {
        keys.push(key.to_vec());
        ControlFlow::Continue(())
    };
    rows.scan(("p", table), range, order, see).unwrap();
    keys
}

#[test]
fn a_row_and_the_checkpoint_change_together() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        rows.put("p", "t", b"k", b"1")?;
        assert_eq!(rows.get("p", "t", b"k")?, Some(&b"1"[..]));
        rows.set_checkpoint("p", &at(1))
    })
    .unwrap();
    drop(index);
    let index = open(dir.path());
    let rows = index.read().unwrap();
    assert_eq!(rows.get("p", "t", b"k").unwrap(), Some(&b"1"[..]));
    assert_eq!(rows.checkpoint("p").unwrap(), Some(at(1)));
    assert_eq!(rows.checkpoint("q").unwrap(), None);
}

#[test]
fn a_transaction_that_fails_leaves_both_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        rows.put("p", "t", b"k", b"1")?;
        rows.set_checkpoint("p", &at(1))
    })
    .unwrap();
    let refused = write(&index, |rows| {
        rows.put("p", "t", b"k", b"2")?;
        rows.remove("p", "t", b"k")?;
        rows.set_checkpoint("p", &at(2))?;
        Err::<(), _>(StorageError::closed())
    });
    assert!(refused.unwrap_err().is_closed());
    let rows = index.read().unwrap();
    assert_eq!(rows.get("p", "t", b"k").unwrap(), Some(&b"1"[..]));
    assert_eq!(rows.checkpoint("p").unwrap(), Some(at(1)));
}

#[test]
fn a_scan_keeps_to_its_table_its_range_and_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        for table in ["s", "t", "tt", "u"] {
            for key in [&b""[..], b"\x00", b"a", b"aa", b"b", b"\xff\xff"] {
                rows.put("p", table, key, table.as_bytes())?;
            }
        }
        rows.put("pt", "t", b"a", b"")?;
        rows.put("", "", b"", b"").map(drop)
    })
    .unwrap();
    let rows = index.read().unwrap();
    let all = [&b""[..], b"\x00", b"a", b"aa", b"b", b"\xff\xff"];
    assert_eq!(keys(&rows, "t", ALL, Order::Forwards), all);
    let backwards: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(keys(&rows, "t", ALL, Order::Backwards), backwards);
    let some = (Bound::Excluded(&b"a"[..]), Bound::Included(&b"b"[..]));
    assert_eq!(keys(&rows, "t", some, Order::Forwards), [&b"aa"[..], b"b"]);
    assert_eq!(keys(&rows, "t", some, Order::Backwards), [&b"b"[..], b"aa"]);
    let none = (Bound::Included(&b"b"[..]), Bound::Excluded(&b"a"[..]));
    assert!(keys(&rows, "t", none, Order::Forwards).is_empty());
    assert!(keys(&rows, "t", none, Order::Backwards).is_empty());
}

#[test]
fn a_transaction_sees_what_it_has_changed_and_nobody_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        rows.put("p", "t", b"a", b"1")?;
        rows.put("p", "t", b"b", b"2")?;
        assert!(rows.remove("p", "t", b"a")?);
        assert!(!rows.remove("p", "t", b"a")?);
        rows.set_checkpoint("p", &at(1))?;
        let mut seen = Vec::new();
        rows.scan(("p", "t"), ALL, Order::Forwards, |key, value| {
            seen.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })?;
        assert_eq!(seen, [(b"b".to_vec(), b"2".to_vec())]);
        assert_eq!(rows.checkpoint("p")?, Some(at(1)));
        assert_eq!(index.read()?.checkpoint("p")?, None);
        Ok(())
    })
    .unwrap();
}

#[test]
fn clearing_a_namespace_leaves_every_other_one_and_all_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let cleared = write(&index, |rows| {
        for namespace in ["o", "p", "pp", "q"] {
            rows.put(namespace, "t", b"k", b"")?;
            rows.put(namespace, "u", b"k", b"")?;
        }
        rows.set_checkpoint("p", &at(3))?;
        rows.clear("p")
    });
    assert_eq!(cleared.unwrap(), 2);
    let rows = index.read().unwrap();
    assert_eq!(rows.get("p", "t", b"k").unwrap(), None);
    for namespace in ["o", "pp", "q"] {
        assert!(
            rows.get(namespace, "u", b"k").unwrap().is_some(),
            "{namespace}"
        );
    }
    assert_eq!(rows.checkpoint("p").unwrap(), Some(at(3)));
}

#[test]
fn a_key_that_is_too_long_is_refused_with_the_room_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let put = |len| {
        write(&index, |rows| {
            rows.put("names", "by_id", &vec![1; len], b"")
        })
    };
    put(499).unwrap();
    let error = put(500).unwrap_err().to_string();
    assert!(
        error.contains("500 bytes") && error.contains("room for 499"),
        "{error}"
    );
}

#[test]
fn to_write_within_a_write_or_a_read_is_an_error_and_no_hang() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |_| {
        let nested = write(&index, |_| Ok(()));
        assert!(nested.unwrap_err().to_string().contains("this thread"));
        assert!(index.read()?.get("p", "t", b"k")?.is_none());
        Ok(())
    })
    .unwrap();
    let reader = index.read().unwrap();
    assert!(write(&index, |_| Ok(())).is_err());
    drop(reader);
    write(&index, |_| Ok(())).unwrap();
}
