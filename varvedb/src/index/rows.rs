//! The rows of read models, and how far each of them has come.
//!
//! A row has a namespace (the projection's name), a table (the projection's own word) and a key. In the
//! index's key the first two stand behind their lengths, so that no table is the beginning of another.

use std::ops::{Bound, ControlFlow};

use heed::{AnyTls, RoTxn};

use super::environment::{Snapshot, Transaction, damaged, failed};
use super::tables::Tables;
use super::{Index, Order};
use crate::error::StorageError;
use crate::position::Position;

/// A range of keys of one table of the index.
pub(super) type KeyRange<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// LMDB's own limit.
const MAX_KEY_BYTES: usize = 511;

/// How far a projection has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    /// Whatever else is to change together with it.
    pub(crate) note: Vec<u8>,
}

/// One moment of the read models. Keep it short: it keeps the file from using freed pages again.
pub(crate) struct RowReader<'a>(Snapshot<'a>);

/// Changes of read models and checkpoints, which become durable together or not at all.
pub(crate) struct RowWriter<'t, 'a>(&'t mut Transaction<'a>);

impl Index {
    /// Opens the read models at this moment. The reader stays on its thread, which cannot write
    /// as long as it has it.
    pub(crate) fn read(&self) -> Result<RowReader<'_>, StorageError> {
        self.shared.environment.snapshot().map(RowReader)
    }

    /// Runs `f` in one synced transaction: all of it is kept if `f` succeeds, nothing if it fails.
    ///
    /// `f` may run several times, each time on the state before it: when the file outgrows its map, the
    /// map is enlarged and `f` starts again. What it does outside the transaction must bear that.
    /// Transactions that write take turns, the folder's among them. To write again within
    /// `f`, or while this thread has a [`RowReader`], is an error.
    pub(crate) fn write<T, E: From<StorageError>>(
        &self,
        mut f: impl FnMut(&mut RowWriter<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let environment = &self.shared.environment;
        environment.write(|transaction| f(&mut RowWriter(transaction)))
    }
}

impl RowReader<'_> {
    /// The value of a row.
    pub(crate) fn get(
        &self,
        namespace: &str,
        table: &str,
        key: &[u8],
    ) -> Result<Option<&[u8]>, StorageError> {
        self.0.located(get(
            self.0.txn(),
            self.0.tables,
            &row_key(namespace, table, key)?,
        ))
    }

    /// Shows the rows of a table whose keys are in the range, until `see` breaks off.
    pub(crate) fn scan(
        &self,
        (namespace, table): (&str, &str),
        range: KeyRange<'_>,
        order: Order,
        see: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        self.0.located(scan(
            self.0.txn(),
            self.0.tables,
            (namespace, table),
            range,
            order,
            see,
        ))
    }

    /// How far a projection has come; `None` before its first checkpoint.
    pub(crate) fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, StorageError> {
        self.0
            .located(checkpoint(self.0.txn(), self.0.tables, projection))
    }
}

impl<'a> RowWriter<'_, 'a> {
    /// The value of a row, with the changes made so far.
    pub(crate) fn get(
        &self,
        namespace: &str,
        table: &str,
        key: &[u8],
    ) -> Result<Option<&[u8]>, StorageError> {
        self.0.located(get(
            self.0.txn(),
            self.0.tables,
            &row_key(namespace, table, key)?,
        ))
    }

    /// Shows the rows of a table whose keys are in the range, until `see` breaks off.
    pub(crate) fn scan(
        &self,
        (namespace, table): (&str, &str),
        range: KeyRange<'_>,
        order: Order,
        see: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        self.0.located(scan(
            self.0.txn(),
            self.0.tables,
            (namespace, table),
            range,
            order,
            see,
        ))
    }

    /// Sets a row, whether it was there or not.
    pub(crate) fn put(
        &mut self,
        namespace: &str,
        table: &str,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StorageError> {
        let key = row_key(namespace, table, key)?;
        self.0.put(self.0.tables.rows, &key, value)
    }

    /// The key of a row in its table of the index.
    pub(super) fn key(namespace: &str, table: &str, key: &[u8]) -> Result<Vec<u8>, StorageError> {
        row_key(namespace, table, key)
    }

    pub(super) fn transaction(&mut self) -> &mut Transaction<'a> {
        self.0
    }

    /// Removes a row; says whether it was there.
    pub(crate) fn remove(
        &mut self,
        namespace: &str,
        table: &str,
        key: &[u8],
    ) -> Result<bool, StorageError> {
        let key = row_key(namespace, table, key)?;
        self.0.delete(self.0.tables.rows, &key)
    }

    /// Removes all rows of all tables of a namespace; says how many. Its checkpoint stays.
    pub(crate) fn clear(&mut self, namespace: &str) -> Result<usize, StorageError> {
        let mut start = Vec::new();
        push_part(&mut start, namespace)?;
        let end = successor(&start);
        let keys = (Bound::Included(&start[..]), excluded(end.as_deref()));
        self.0.delete_range(self.0.tables.rows, &keys)
    }

    /// How far a projection has come; `None` before its first checkpoint.
    pub(crate) fn checkpoint(&self, projection: &str) -> Result<Option<Checkpoint>, StorageError> {
        self.0
            .located(checkpoint(self.0.txn(), self.0.tables, projection))
    }

    /// Notes how far a projection has come.
    pub(crate) fn set_checkpoint(
        &mut self,
        projection: &str,
        checkpoint: &Checkpoint,
    ) -> Result<(), StorageError> {
        let mut key = Vec::new();
        push_part(&mut key, projection)?;
        let mut row = checkpoint.position.get().to_be_bytes().to_vec();
        row.extend_from_slice(&checkpoint.note);
        self.0.put(self.0.tables.checkpoints, &key, &row)
    }
}

fn get<'txn>(
    txn: &'txn RoTxn<'_, AnyTls>,
    tables: &Tables,
    key: &[u8],
) -> Result<Option<&'txn [u8]>, StorageError> {
    tables.rows.get(txn, key).map_err(failed("read a row"))
}

fn scan(
    txn: &RoTxn<'_, AnyTls>,
    tables: &Tables,
    (namespace, table): (&str, &str),
    (first, last): KeyRange<'_>,
    order: Order,
    mut see: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), StorageError> {
    const READ: &str = "read rows";
    let prefix = row_key(namespace, table, &[])?;
    let in_table = |bound: Bound<&[u8]>| bound.map(|key| [&prefix[..], key].concat());
    let (first, last) = (in_table(first), in_table(last));
    let end = successor(&prefix);
    let start = match &first {
        Bound::Unbounded => Bound::Included(&prefix[..]),
        bound => bound.as_ref().map(|key| &key[..]),
    };
    let end = match &last {
        Bound::Unbounded => excluded(end.as_deref()),
        bound => bound.as_ref().map(|key| &key[..]),
    };
    let keys = (start, end);
    let mut see_row = |row: heed::Result<(&[u8], &[u8])>| {
        let (key, value) = row.map_err(failed(READ))?;
        Ok::<_, StorageError>(see(key.get(prefix.len()..).unwrap_or_default(), value))
    };
    match order {
        Order::Forwards => {
            for row in tables.rows.range(txn, &keys).map_err(failed(READ))? {
                if see_row(row)?.is_break() {
                    break;
                }
            }
        }
        Order::Backwards => {
            for row in tables.rows.rev_range(txn, &keys).map_err(failed(READ))? {
                if see_row(row)?.is_break() {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn checkpoint(
    txn: &RoTxn<'_, AnyTls>,
    tables: &Tables,
    projection: &str,
) -> Result<Option<Checkpoint>, StorageError> {
    let mut key = Vec::new();
    push_part(&mut key, projection)?;
    let row = tables
        .checkpoints
        .get(txn, &key)
        .map_err(failed("read a checkpoint"))?;
    let Some(row) = row else {
        return Ok(None);
    };
    let cut_short = || damaged("checkpoints", "a row is cut short");
    let (position, note) = row.split_first_chunk().ok_or_else(cut_short)?;
    Ok(Some(Checkpoint {
        position: Position::new(u64::from_be_bytes(*position)),
        note: note.to_vec(),
    }))
}

fn row_key(namespace: &str, table: &str, key: &[u8]) -> Result<Vec<u8>, StorageError> {
    let mut bytes = Vec::with_capacity(2 + namespace.len() + table.len() + key.len());
    push_part(&mut bytes, namespace)?;
    push_part(&mut bytes, table)?;
    bytes.extend_from_slice(key);
    if bytes.len() > MAX_KEY_BYTES {
        let names = bytes.len() - key.len();
        let what = format!(
            "its key has {} bytes, and table `{table}` of `{namespace}` has room for {}",
            key.len(),
            MAX_KEY_BYTES.saturating_sub(names)
        );
        return Err(StorageError::index("use a row", what));
    }
    Ok(bytes)
}

/// Writes a name behind its length.
fn push_part(bytes: &mut Vec<u8>, name: &str) -> Result<(), StorageError> {
    let len = u8::try_from(name.len());
    let too_long =
        |_| StorageError::index("use a row", format!("`{name}` has more than 255 bytes"));
    bytes.push(len.map_err(too_long)?);
    bytes.extend_from_slice(name.as_bytes());
    Ok(())
}

/// The first bytes that sort behind everything that begins with these.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix.get(..=kept)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

fn excluded(end: Option<&[u8]>) -> Bound<&[u8]> {
    end.map_or(Bound::Unbounded, Bound::Excluded)
}
