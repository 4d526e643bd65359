//! Which rows hold boxes that are sealed under a data key: they are found by it when the key is destroyed.
//!
//! An entry may outlive what it points to, since a row can be written anew without the box; whoever follows
//! it looks.

use heed::{AnyTls, RoTxn};
use sha2::{Digest, Sha256};

use super::Index;
use super::environment::{Transaction, failed};
use super::rows::RowWriter;
use super::snapshots::WaitingRow;
use super::tables::Tables;
use crate::error::StorageError;
use crate::pii::KeyId;

/// Entries that are cleared in one transaction, so that nobody waits long for it.
const PORTION: usize = 1024;

/// What an entry points to: this byte, and the key of the row in its table.
const ROW: u8 = b'r';
const WHOLE_ROW: u8 = b'w';
const SNAPSHOT: u8 = b's';

const READ: &str = "read which rows a key owns";

/// Gives a row without the boxes under a key; `None` if it has none.
pub(crate) type TakeBoxes<'a> = &'a dyn Fn(&[u8], &KeyId) -> Option<Vec<u8>>;

/// The key of an entry, and what it points to.
type OwnedEntry = (Vec<u8>, Vec<u8>);

/// How much was cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cleared {
    pub(crate) rows: u64,
    pub(crate) snapshots: u64,
}

impl RowWriter<'_, '_> {
    /// Notes that a row holds boxes sealed under these keys.
    pub(crate) fn own(
        &mut self,
        (namespace, table): (&str, &str),
        key: &[u8],
        owners: &[KeyId],
    ) -> Result<(), StorageError> {
        let row = Self::key(namespace, table, key)?;
        let transaction = self.transaction();
        owners
            .iter()
            .try_for_each(|owner| put(transaction, owner, ROW, &row))
    }

    /// Notes that a row is to be removed as a whole when this key is destroyed.
    pub(crate) fn own_whole(
        &mut self,
        (namespace, table): (&str, &str),
        key: &[u8],
        owner: &KeyId,
    ) -> Result<(), StorageError> {
        let row = Self::key(namespace, table, key)?;
        put(self.transaction(), owner, WHOLE_ROW, &row)
    }
}

/// Notes that a snapshot holds boxes sealed under some keys.
pub(super) fn own_snapshot(
    transaction: &mut Transaction<'_>,
    snapshot: &WaitingRow,
) -> Result<(), StorageError> {
    let owners = snapshot.owners.iter();
    for owner in owners {
        put(transaction, owner, SNAPSHOT, &snapshot.stream)?;
    }
    Ok(())
}

impl Index {
    /// Removes the snapshots that hold boxes sealed under these keys, and takes such boxes out of rows, as
    /// `without` does it; it says `None` of a row that has none. Nothing is written for keys without any.
    pub(crate) fn clear_boxes(
        &self,
        owners: &[KeyId],
        without: TakeBoxes<'_>,
    ) -> Result<Cleared, StorageError> {
        let mut cleared = Cleared {
            rows: 0,
            snapshots: owners.iter().map(|owner| self.drop_waiting(owner)).sum(),
        };
        for owner in self.owning(owners)? {
            loop {
                let portion = self.clear_portion(owner, without)?;
                cleared.rows += portion.cleared.rows;
                cleared.snapshots += portion.cleared.snapshots;
                if portion.is_all {
                    break;
                }
            }
        }
        Ok(cleared)
    }

    /// Whether any row or snapshot holds boxes.
    pub(crate) fn has_boxes(&self) -> Result<bool, StorageError> {
        let snapshot = self.shared.environment.snapshot()?;
        let owned = snapshot.tables.owned.first(snapshot.txn());
        Ok(owned.map_err(failed(READ))?.is_some())
    }

    /// Which of these keys own anything. Whoever is writing it at this moment is waited for, and nothing is
    /// written.
    fn owning<'k>(&self, owners: &'k [KeyId]) -> Result<Vec<&'k KeyId>, StorageError> {
        self.shared.environment.write(|transaction| {
            let mut owning = Vec::new();
            for owner in owners {
                if !entries((transaction.txn(), transaction.tables), owner, 1)?.is_empty() {
                    owning.push(owner);
                }
            }
            Ok(owning)
        })
    }

    fn clear_portion(
        &self,
        owner: &KeyId,
        without: TakeBoxes<'_>,
    ) -> Result<Portion, StorageError> {
        self.shared.environment.write(|transaction| {
            let entries = entries((transaction.txn(), transaction.tables), owner, PORTION)?;
            let mut cleared = Cleared::default();
            for (entry, target) in &entries {
                match target.split_first() {
                    Some((&ROW, row)) => {
                        cleared.rows += u64::from(clear_row(transaction, row, owner, without)?);
                    }
                    Some((&WHOLE_ROW, row)) => {
                        let table = transaction.tables.rows;
                        cleared.rows += u64::from(transaction.delete(table, row)?);
                    }
                    Some((&SNAPSHOT, stream)) => {
                        let table = transaction.tables.snapshots;
                        cleared.snapshots += u64::from(transaction.delete(table, stream)?);
                    }
                    _ => {}
                }
                let table = transaction.tables.owned;
                transaction.delete(table, entry)?;
            }
            let is_all = entries.len() < PORTION;
            Ok::<_, StorageError>(Portion { cleared, is_all })
        })
    }
}

/// What one transaction has cleared.
struct Portion {
    cleared: Cleared,
    is_all: bool,
}

fn clear_row(
    transaction: &mut Transaction<'_>,
    key: &[u8],
    owner: &KeyId,
    without: TakeBoxes<'_>,
) -> Result<bool, StorageError> {
    let table = transaction.tables.rows;
    let row = table
        .get(transaction.txn(), key)
        .map_err(failed("read a row"))?;
    match row.and_then(|row| without(row, owner)) {
        Some(row) => transaction.put(table, key, &row).map(|()| true),
        None => Ok(false),
    }
}

/// Some entries of a key, each with what it points to.
fn entries(
    (txn, tables): (&RoTxn<'_, AnyTls>, &Tables),
    owner: &KeyId,
    most: usize,
) -> Result<Vec<OwnedEntry>, StorageError> {
    let found = tables
        .owned
        .prefix_iter(txn, owner.as_bytes())
        .map_err(failed(READ))?;
    let kept = |entry: heed::Result<(&[u8], &[u8])>| {
        let (entry, target) = entry.map_err(failed(READ))?;
        Ok((entry.to_vec(), target.to_vec()))
    };
    found.take(most).map(kept).collect()
}

/// A key of a row may be nearly as long as LMDB allows, so the entry has its hash, and the row as its value.
fn put(
    transaction: &mut Transaction<'_>,
    owner: &KeyId,
    kind: u8,
    target: &[u8],
) -> Result<(), StorageError> {
    let value = [&[kind], target].concat();
    let entry = [owner.as_bytes().as_slice(), &digest(&value)].concat();
    let table = transaction.tables.owned;
    transaction.put(table, &entry, &value)
}

fn digest(value: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(value);
    digest.first_chunk().copied().unwrap_or_default()
}
