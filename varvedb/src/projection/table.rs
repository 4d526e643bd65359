//! Typed tables: read models that live in the store, in the transaction that moves the checkpoint.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, ControlFlow};

use crate::codec::{Owners, Reading, Row, RowKey, Stored, StoredError};
use crate::error::StorageError;
use crate::event::Boxes;
use crate::index::{Checkpoint, Order, RowReader, RowWriter};
use crate::pii::{BoxKind, KeptContext, KeyId, PiiError};
use crate::position::Position;
use crate::store::{ReadError, Ready, Store};

use super::Projection;

/// A table of a projection: rows of type `V` under keys of type `K`, in the order of the keys.
///
/// A constant, not a thing: the rows belong to the projection whose handlers write them.
///
/// ```
/// use varvedb::projection::Table;
///
/// const BALANCES: Table<u64, i64> = Table::new("balances");
/// ```
pub struct Table<K, V> {
    name: &'static str,
    row: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Table<K, V> {
    /// The table with this name, of 1 to 64 bytes.
    ///
    /// # Panics
    ///
    /// When the name has another length; in a `const`, that is a compile error.
    pub const fn new(name: &'static str) -> Self {
        assert!(
            !name.is_empty() && name.len() <= 64,
            "a table's name has 1 to 64 bytes"
        );
        Self {
            name,
            row: PhantomData,
        }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({:?})", self.name)
    }
}

/// Why a row could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The key is longer than the index can hold.
    #[error("a key of table `{table}` has {bytes} bytes, at most {limit} are possible")]
    KeyTooLong {
        /// The table.
        table: &'static str,
        /// Bytes of the key.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The row cannot be stored.
    #[error("a row of table `{table}` cannot be stored: {reason}")]
    Encode {
        /// The table.
        table: &'static str,
        /// Why not.
        reason: String,
    },
    /// A sealed box in the row could not be opened.
    #[error("personal data in a row of table `{table}` cannot be read: {source}")]
    Pii {
        /// The table.
        table: &'static str,
        /// Why not.
        source: PiiError,
    },
    /// The row was stored in another shape.
    #[error(
        "a row of table `{table}` cannot be read: {reason}; rebuild the projection, or give the \
         table another name"
    )]
    Decode {
        /// The table.
        table: &'static str,
        /// Why not.
        reason: String,
    },
    /// The projection has no tables: none of its handlers takes `&mut Tables`.
    #[error("this projection keeps its read model in memory and has no tables")]
    NoTables,
    /// The store was opened for reading.
    #[error("the store was opened read-only")]
    ReadOnly,
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

const ALL_KEYS: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Unbounded, Bound::Unbounded);

/// The longest key of a row, in bytes, such that it fits LMDB's with both names.
pub(crate) const MAX_KEY_BYTES: usize = 300;

/// The tables of a projection, for its handlers: inside the transaction that also moves its
/// checkpoint, so that both happen or neither.
///
/// Handlers of a projection with tables cannot append: that is refused with
/// [`AppendError::TablesOpen`](crate::AppendError::TablesOpen), since the writer may have to wait
/// for this very transaction. For the same reason they must not wait for another thread's append.
/// Whoever appends in answer to events does so from a projection without tables
/// (`#[projection(name = "..", resume)]`).
pub struct Tables<'a> {
    rows: Option<&'a mut (dyn Rows + 'a)>,
    /// Who has the keys of personal data, and what opens the boxes of rows.
    store: Option<&'a Store>,
    boxes: Boxes<'a>,
    namespace: &'static str,
}

impl<'a> Tables<'a> {
    pub(crate) fn new(
        namespace: &'static str,
        rows: &'a mut (dyn Rows + 'a),
        (store, boxes): (&'a Store, Boxes<'a>),
    ) -> Self {
        Self {
            rows: Some(rows),
            store: Some(store),
            boxes,
            namespace,
        }
    }

    /// For projections that keep their read model in memory.
    pub(crate) fn none() -> Self {
        Self {
            rows: None,
            store: None,
            boxes: None,
            namespace: "",
        }
    }

    /// The row under `key`, with everything this transaction has done.
    pub fn get<K: RowKey, V: Row>(
        &mut self,
        table: Table<K, V>,
        key: &K,
    ) -> Result<Option<V>, TableError> {
        let key = key_bytes(table.name, key)?;
        let (namespace, boxes) = (self.namespace, self.boxes);
        let bytes = self.open()?.get(namespace, table.name, &key)?;
        let place = (namespace, table.name, &key[..]);
        bytes.map(|bytes| value(place, bytes, boxes)).transpose()
    }

    /// Puts a row under `key`, in place of one that is there.
    ///
    /// What is personal in it is sealed. Of somebody who was shredded, nothing is kept: it reads as shredded.
    pub fn put<K: RowKey, V: Row>(
        &mut self,
        table: Table<K, V>,
        key: &K,
        row: &V,
    ) -> Result<(), TableError> {
        let key = key_bytes(table.name, key)?;
        let ready = self.keys_for(table.name, row)?;
        let name = || name_of((self.namespace, table.name, &key));
        let mut writing = ready.writing(None, KeptContext::new(BoxKind::Row, &name));
        let mut bytes = Vec::new();
        let written = row.write(&mut writing, &mut bytes);
        written.map_err(|error| not_encoded(table.name, &error))?;
        let (namespace, owners) = (self.namespace, writing.keys());
        let rows = self.open()?;
        rows.put(namespace, table.name, &key, &bytes)?;
        if !owners.is_empty() {
            rows.own(namespace, table.name, &key, &owners)?;
        }
        Ok(())
    }

    /// The data keys of all whose personal data is in a row.
    fn keys_for<V: Stored>(&self, table: &'static str, row: &V) -> Result<Ready, TableError> {
        let mut owners = Owners::new();
        let named = row.owners(None, &mut owners);
        named.map_err(|error| not_encoded(table, &error))?;
        let store = self.store.ok_or(TableError::NoTables)?;
        let ready = store.keys_to_keep(&owners);
        ready.map_err(|error| not_encoded(table, &error))
    }

    /// Changes the row under `key`, beginning with the default where there is none.
    pub fn update<K: RowKey, V: Row + Default>(
        &mut self,
        table: Table<K, V>,
        key: &K,
        change: impl FnOnce(&mut V),
    ) -> Result<(), TableError> {
        let mut row = self.get(table, key)?.unwrap_or_default();
        change(&mut row);
        self.put(table, key, &row)
    }

    /// Removes the row under `key`; says whether there was one.
    pub fn remove<K: RowKey, V: Row>(
        &mut self,
        table: Table<K, V>,
        key: &K,
    ) -> Result<bool, TableError> {
        let key = key_bytes(table.name, key)?;
        let namespace = self.namespace;
        Ok(self.open()?.remove(namespace, table.name, &key)?)
    }

    /// All rows, in the order of their keys, with everything this transaction has done.
    pub fn rows<K: RowKey, V: Row>(
        &mut self,
        table: Table<K, V>,
    ) -> Result<Vec<(K, V)>, TableError> {
        let (namespace, boxes) = (self.namespace, self.boxes);
        let mut rows = Vec::new();
        self.open()?
            .scan(namespace, table.name, &mut |key, bytes| {
                rows.push(row((namespace, table.name, key), bytes, boxes));
            })?;
        rows.into_iter().collect()
    }

    fn open(&mut self) -> Result<&mut (dyn Rows + 'a), TableError> {
        match &mut self.rows {
            Some(rows) => Ok(&mut **rows),
            None => Err(TableError::NoTables),
        }
    }
}

impl fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("projection", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// The rows of the index, inside a write transaction. A trait, because the lifetimes of the
/// transaction are nobody's business up here.
pub(crate) trait Rows {
    fn get(&self, space: &str, table: &str, key: &[u8]) -> Result<Option<&[u8]>, StorageError>;
    fn put(&mut self, space: &str, table: &str, key: &[u8], row: &[u8])
    -> Result<(), StorageError>;
    /// Notes under which data keys something in a row is sealed.
    fn own(
        &mut self,
        space: &str,
        table: &str,
        key: &[u8],
        owners: &[KeyId],
    ) -> Result<(), StorageError>;
    fn remove(&mut self, space: &str, table: &str, key: &[u8]) -> Result<bool, StorageError>;
    fn scan(
        &self,
        space: &str,
        table: &str,
        see: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<(), StorageError>;
}

impl Rows for RowWriter<'_, '_> {
    fn get(&self, space: &str, table: &str, key: &[u8]) -> Result<Option<&[u8]>, StorageError> {
        RowWriter::get(self, space, table, key)
    }

    fn put(
        &mut self,
        space: &str,
        table: &str,
        key: &[u8],
        row: &[u8],
    ) -> Result<(), StorageError> {
        RowWriter::put(self, space, table, key, row)
    }

    fn own(
        &mut self,
        space: &str,
        table: &str,
        key: &[u8],
        owners: &[KeyId],
    ) -> Result<(), StorageError> {
        RowWriter::own(self, (space, table), key, owners)
    }

    fn remove(&mut self, space: &str, table: &str, key: &[u8]) -> Result<bool, StorageError> {
        RowWriter::remove(self, space, table, key)
    }

    fn scan(
        &self,
        space: &str,
        table: &str,
        see: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<(), StorageError> {
        RowWriter::scan(
            self,
            (space, table),
            ALL_KEYS,
            Order::Forwards,
            |key, row| {
                see(key, row);
                ControlFlow::Continue(())
            },
        )
    }
}

/// The tables of a projection as they were at one checkpoint, for queries.
///
/// Holds a read transaction of the index: keep it no longer than a query takes. As long as it is
/// there, appends on its thread are refused with
/// [`AppendError::TablesOpen`](crate::AppendError::TablesOpen), and those of others may have to wait.
#[must_use = "the tables are held at one checkpoint only as long as this is there"]
pub struct ReadTables<'a> {
    rows: RowReader<'a>,
    boxes: Boxes<'a>,
    namespace: &'static str,
}

impl Store {
    /// The tables of a projection, all at the same checkpoint.
    pub fn tables<P: Projection>(&self) -> Result<ReadTables<'_>, ReadError> {
        let shared = self.readable()?;
        let rows = shared.index.read()?;
        Ok(ReadTables {
            rows,
            boxes: shared.boxes(),
            namespace: P::NAME,
        })
    }

    /// Removes all rows of a projection and its checkpoint, so that it starts over with the first
    /// event when it is next registered. For rows whose shape has changed, and for projections
    /// that are no more. Not while a processor feeds it.
    pub fn reset_projection<P: Projection>(&self) -> Result<(), TableError> {
        if self.is_read_only() {
            return Err(TableError::ReadOnly);
        }
        let start = Checkpoint {
            position: Position::ZERO,
            note: Vec::new(),
        };
        let index = &self.readable()?.index;
        index.write(|rows: &mut RowWriter<'_, '_>| {
            rows.clear(P::NAME)?;
            Ok(rows.set_checkpoint(P::NAME, &start)?)
        })
    }
}

impl ReadTables<'_> {
    /// The row under `key`.
    pub fn get<K: RowKey, V: Row>(
        &self,
        table: Table<K, V>,
        key: &K,
    ) -> Result<Option<V>, TableError> {
        let key = key_bytes(table.name, key)?;
        let bytes = self.rows.get(self.namespace, table.name, &key)?;
        let place = (self.namespace, table.name, &key[..]);
        let value = |bytes| value(place, bytes, self.boxes);
        bytes.map(value).transpose()
    }

    /// All rows, in the order of their keys.
    pub fn rows<K: RowKey, V: Row>(&self, table: Table<K, V>) -> Result<Vec<(K, V)>, TableError> {
        let mut rows = Vec::new();
        self.visit(table, |key, row| {
            rows.push((key, row));
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// Hands each row to `visitor` in the order of the keys, until it breaks.
    pub fn visit<K: RowKey, V: Row>(
        &self,
        table: Table<K, V>,
        mut visitor: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), TableError> {
        let mut failure = None;
        self.rows.scan(
            (self.namespace, table.name),
            ALL_KEYS,
            Order::Forwards,
            |key, bytes| match row((self.namespace, table.name, key), bytes, self.boxes) {
                Ok((key, row)) => visitor(key, row),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            },
        )?;
        failure.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for ReadTables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadTables")
            .field("projection", &self.namespace)
            .finish_non_exhaustive()
    }
}

fn key_bytes<K: RowKey>(table: &'static str, key: &K) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    key.encode_key(&mut bytes);
    if bytes.len() > MAX_KEY_BYTES {
        return Err(TableError::KeyTooLong {
            table,
            bytes: bytes.len(),
            limit: MAX_KEY_BYTES,
        });
    }
    Ok(bytes)
}

/// Where a row lies: its projection, its table, and its key.
type RowPlace<'a> = (&'static str, &'static str, &'a [u8]);

/// What the boxes of a row are bound to.
fn name_of((namespace, table, key): RowPlace<'_>) -> (String, Cow<'_, [u8]>) {
    (format!("{namespace}.{table}"), key.into())
}

fn row<K: RowKey, V: Row>(
    place: RowPlace<'_>,
    bytes: &[u8],
    boxes: Boxes<'_>,
) -> Result<(K, V), TableError> {
    let (_, table, mut key) = place;
    match K::decode_key(&mut key).filter(|_| key.is_empty()) {
        Some(key) => Ok((key, value(place, bytes, boxes)?)),
        None => Err(TableError::Decode {
            table,
            reason: "its key has another shape".into(),
        }),
    }
}

fn value<V: Stored>(place: RowPlace<'_>, bytes: &[u8], boxes: Boxes<'_>) -> Result<V, TableError> {
    let (_, table, _) = place;
    let name = || name_of(place);
    let context = KeptContext::new(BoxKind::Row, &name);
    let read = V::read(bytes, &Reading::new(boxes, context));
    read.map_err(|error| match error {
        StoredError::Pii(source) => TableError::Pii { table, source },
        StoredError::Invalid(reason) => TableError::Decode { table, reason },
    })
}

fn not_encoded(table: &'static str, error: &dyn fmt::Display) -> TableError {
    TableError::Encode {
        table,
        reason: error.to_string(),
    }
}
