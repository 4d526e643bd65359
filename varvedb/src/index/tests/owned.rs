//! Rows and snapshots are found by the data key that something in them is sealed under.

use uuid::Uuid;

use super::super::owned::Cleared;
use super::super::snapshots::{LastEvent, StateSnapshot};
use super::super::{Index, RowWriter};
use super::{add, open};
use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::pii::KeyId;
use crate::position::{Position, Version};
use crate::stream::KeyRef;

const ADA: KeyId = KeyId([1; 16]);
const BOB: KeyId = KeyId([2; 16]);

fn write(index: &Index, f: impl FnMut(&mut RowWriter<'_, '_>) -> Result<(), StorageError>) {
    index.write(f).unwrap();
}

fn row(index: &Index, key: &[u8]) -> Option<Vec<u8>> {
    let rows = index.read().unwrap();
    rows.get("p", "t", key).unwrap().map(<[u8]>::to_vec)
}

/// Takes away the letters of a key's own.
fn without(row: &[u8], owner: &KeyId) -> Option<Vec<u8>> {
    let letter = if *owner == ADA { b'a' } else { b'b' };
    let is_there = row.contains(&letter);
    is_there.then(|| row.iter().copied().filter(|byte| *byte != letter).collect())
}

fn clear(index: &Index, owner: KeyId) -> (u64, u64) {
    let Cleared { rows, snapshots } = index.clear_boxes(&[owner], &without).unwrap();
    (rows, snapshots)
}

#[test]
fn only_the_rows_of_the_key_are_changed_and_only_where_it_is_in_them() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        rows.put("p", "t", b"both", b"ab1")?;
        rows.own(("p", "t"), b"both", &[ADA, BOB])?;
        rows.put("p", "t", b"bob", b"b2")?;
        rows.own(("p", "t"), b"bob", &[BOB])?;
        rows.put("p", "t", b"written anew", b"3")?;
        rows.own(("p", "t"), b"written anew", &[ADA])?;
        rows.own(("p", "t"), b"removed", &[ADA])?;
        rows.put("p", "t", b"found by", b"a")?;
        rows.own_whole(("p", "t"), b"found by", &ADA)
    });
    assert_eq!(clear(&index, ADA), (2, 0));
    assert_eq!(row(&index, b"both"), Some(b"b1".to_vec()));
    assert_eq!(row(&index, b"bob"), Some(b"b2".to_vec()));
    assert_eq!(row(&index, b"written anew"), Some(b"3".to_vec()));
    assert_eq!(row(&index, b"removed"), None);
    assert_eq!(row(&index, b"found by"), None);
    assert_eq!(clear(&index, ADA), (0, 0), "once is enough");
}

#[test]
fn more_rows_than_one_transaction_takes_are_all_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    write(&index, |rows| {
        for number in 0..3_000_u32 {
            let key = number.to_be_bytes();
            rows.put("p", "t", &key, b"a")?;
            rows.own(("p", "t"), &key, &[ADA])?;
        }
        Ok(())
    });
    assert_eq!(clear(&index, ADA), (3_000, 0));
}

fn snapshot(owners: &[KeyId]) -> StateSnapshot<'_> {
    StateSnapshot {
        fingerprint: [3; 32],
        last: LastEvent {
            version: Version::new(1),
            position: Position::new(1),
            id: Uuid::from_u128(1),
            time: Timestamp::from_micros(5),
        },
        state: b"state",
        owners,
    }
}

#[test]
fn snapshots_of_the_key_are_removed_whether_they_wait_or_are_folded() {
    for is_folded in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let index = open(dir.path());
        let keys = [KeyRef::Number(1), KeyRef::Number(2)];
        add(&index, 1, &[(1, keys[0], 1)]);
        for (key, owners) in keys.into_iter().zip([&[ADA], &[BOB]]) {
            assert!(index.offer_snapshot(1, key, &snapshot(owners)).unwrap());
        }
        if is_folded {
            index.fold(10).unwrap();
        }
        assert_eq!(clear(&index, ADA), (0, 1), "folded: {is_folded}");
        let is_there = |key| index.snapshot(1, key, |_| ()).unwrap().is_some();
        assert_eq!(keys.map(is_there), [false, true], "folded: {is_folded}");
    }
}

#[test]
fn a_snapshot_that_is_cleared_while_it_is_being_folded_does_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let key = KeyRef::Number(1);
    add(&index, 1, &[(1, key, 1)]);
    index.fold(10).unwrap();
    assert!(index.offer_snapshot(1, key, &snapshot(&[ADA])).unwrap());
    let folding = index.snapshots_through(Position::new(1));
    assert_eq!(clear(&index, ADA), (0, 1));
    let written = index
        .shared
        .environment
        .write(|transaction| index.put_snapshots(&folding, transaction));
    written.unwrap();
    assert!(index.snapshot(1, key, |_| ()).unwrap().is_none());
}
