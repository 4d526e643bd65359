//! The LMDB environment: opened once, its map grown when it is full, its transactions short.
//!
//! Invariants: LMDB keeps its default flags, so every commit is synced (without, a power cut can
//! corrupt it); every transaction passes the gate; the map moves only behind the closed gate.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use heed::{AnyTls, Env, EnvFlags, EnvOpenOptions, MdbError, PutFlags, RoTxn, RwTxn, WithoutTls};
use uuid::Uuid;

use super::IndexOptions;
use super::error::IndexError;
use super::file;
use super::gate::{Gate, Passage};
use super::rows::KeyRange;
use super::tables::{Table, Tables};
use crate::error::StorageError;

/// Slots for transactions that read at one time, of all processes together.
const MAX_READERS: u32 = 1022;
/// Map sizes are multiples of this, which is a multiple of every page size there is.
const MAP_GRAIN_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Environment {
    env: Env<WithoutTls>,
    tables: Tables,
    gate: Gate,
    data: File,
    /// Whether this process is in LMDB's table of readers.
    is_registered: bool,
    /// Held from the start of a writing transaction until its file is as long as it should be.
    writing: Mutex<()>,
}

impl Environment {
    /// Opens the environment in this directory, or makes it.
    pub(super) fn open(dir: &Path, options: &IndexOptions) -> Result<Self, IndexError> {
        std::fs::create_dir_all(dir).map_err(|e| StorageError::io("create", dir, e))?;
        file::check(&dir.join(file::DATA), true)?;
        let env = open_env(dir, options.map_bytes, EnvFlags::empty())?;
        env.clear_stale_readers().map_err(refused)?;
        let tables = match Tables::existing(&env, options.store_id)? {
            Some(tables) => tables,
            None => Tables::create(&env, options.store_id)?,
        };
        Self::new(env, tables, true)
    }

    /// Opens the environment in this directory to read what another process writes.
    pub(super) fn open_read_only(dir: &Path, store_id: Uuid) -> Result<Self, IndexError> {
        let data = dir.join(file::DATA);
        if !data
            .try_exists()
            .map_err(|e| StorageError::io("look for", &data, e))?
        {
            return Err(IndexError::Missing);
        }
        file::check(&data, false)?;
        let is_registered = !file::is_on_read_only_disk(dir)?;
        // LMDB takes the size of the map from the file when the file is larger.
        let env = open_env(dir, MAP_GRAIN_BYTES, EnvFlags::READ_ONLY)?;
        env.clear_stale_readers().map_err(refused)?;
        let tables = Tables::existing(&env, store_id)?.ok_or(IndexError::Missing)?;
        Self::new(env, tables, is_registered)
    }

    fn new(env: Env<WithoutTls>, tables: Tables, is_registered: bool) -> Result<Self, IndexError> {
        let data = env.try_clone_inner_file().map_err(refused)?;
        Ok(Self {
            env,
            tables,
            gate: Gate::new(),
            data,
            is_registered,
            writing: Mutex::new(()),
        })
    }

    /// A snapshot of everything that is committed.
    ///
    /// Keep it short: while it is open, LMDB uses none of the pages again that were freed since,
    /// and its file grows.
    pub(super) fn snapshot(&self) -> Result<Snapshot<'_>, StorageError> {
        loop {
            let passage = self.gate.pass();
            match self.env.read_txn() {
                Ok(txn) => {
                    return Ok(Snapshot {
                        txn,
                        dir: self.dir(),
                        tables: &self.tables,
                        _passage: passage,
                    });
                }
                Err(heed::Error::Mdb(MdbError::MapResized)) => {
                    drop(passage);
                    self.adopt_map()?;
                }
                Err(error) => return Err(self.failed("read the index")(error)),
            }
        }
    }

    /// Runs `f` in one synced transaction: all of it is kept if `f` succeeds, nothing if not.
    ///
    /// When the map is full, the transaction is given up, the map doubled unless there were pages
    /// to be freed, and `f` runs again.
    pub(super) fn write<T, E: From<StorageError>>(
        &self,
        mut f: impl FnMut(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.gate.is_inside() {
            let what = "this thread reads or writes it already; finish that first";
            let error = StorageError::index("begin to write to the index", what);
            return Err(error.in_index(self.dir()).into());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let map_bytes = match self.try_write(&mut f)? {
                Attempt::Done(value) => return Ok(value),
                Attempt::MapFull { map_bytes } => map_bytes,
            };
            if !self.freed_pages()? {
                self.grow_map(map_bytes)?;
            }
        }
    }

    /// Whether other processes that write leave alone what this one looks at.
    pub(super) fn is_registered(&self) -> bool {
        self.is_registered
    }

    /// Whether this thread has a transaction open.
    pub(super) fn is_open_here(&self) -> bool {
        self.gate.is_inside()
    }

    /// How large the data file is.
    pub(super) fn bytes_on_disk(&self) -> Result<u64, StorageError> {
        let metadata = self.data.metadata();
        let failed = |e| StorageError::io("look at", &self.data_path(), e);
        Ok(metadata.map_err(failed)?.len())
    }

    fn try_write<T, E: From<StorageError>>(
        &self,
        f: &mut impl FnMut(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<Attempt<T>, E> {
        let _passage = self.gate.pass();
        let map_bytes = self.env.info().map_size;
        let txn = self.env.write_txn();
        let mut transaction = Transaction {
            txn: txn.map_err(self.failed("begin to write to the index"))?,
            tables: &self.tables,
            dir: self.dir(),
            map_full: false,
        };
        let outcome = f(&mut transaction);
        if transaction.map_full {
            return Ok(Attempt::MapFull { map_bytes });
        }
        let value = outcome?;
        match transaction.txn.commit() {
            // It is committed, and that is what the caller must hear. Should the file stay short, the
            // worst that comes of it is that the next open has the index built anew.
            Ok(()) => drop(self.lengthen_file()),
            Err(heed::Error::Mdb(MdbError::MapFull)) => return Ok(Attempt::MapFull { map_bytes }),
            Err(error) => {
                let error = self.disk_is_full().map_or(error, heed::Error::Io);
                return Err(self.failed("commit to the index")(error).into());
            }
        }
        Ok(Attempt::Done(value))
    }

    /// Tries whether the disk is full: LMDB calls a write that a full disk cut short an
    /// input/output error, which would send people looking for a broken disk.
    fn disk_is_full(&self) -> Option<std::io::Error> {
        let probe = self.data_path().with_file_name("probe");
        let written = std::fs::write(&probe, vec![1; 64 * 1024]);
        // It holds nothing: should it stay, the next probe overwrites it.
        drop(std::fs::remove_file(&probe));
        let is_full = |error: &std::io::Error| {
            use std::io::ErrorKind::{QuotaExceeded, StorageFull};
            matches!(error.kind(), StorageFull | QuotaExceeded)
        };
        written.err().filter(is_full)
    }

    fn lengthen_file(&self) -> Result<(), StorageError> {
        let last_page = self.env.info().last_page_number as u64;
        let page_bytes = u64::from(self.env.unnamed_database_stat().page_size);
        file::lengthen(&self.data, (last_page + 1) * page_bytes)
            .map_err(|e| StorageError::io("lengthen", &self.data_path(), e))
    }

    /// Whether processes that died while they read had kept pages from being used again: they
    /// would let the file grow for as long as it is open.
    fn freed_pages(&self) -> Result<bool, StorageError> {
        let stale = self.env.clear_stale_readers();
        Ok(stale.map_err(self.failed("look for readers that have died"))? > 0)
    }

    fn grow_map(&self, full_bytes: usize) -> Result<(), StorageError> {
        let larger = full_bytes
            .checked_mul(2)
            .ok_or_else(|| StorageError::index("grow the index", "there are no more addresses"))
            .map_err(|error| error.in_index(self.dir()))?;
        self.resize_map(larger)
    }

    /// Takes over the size that another process gave the map.
    fn adopt_map(&self) -> Result<(), StorageError> {
        self.resize_map(0)
    }

    fn resize_map(&self, bytes: usize) -> Result<(), StorageError> {
        let Some(_closed) = self.gate.close() else {
            let what = "it grew while this thread reads it; finish that and try again";
            return Err(StorageError::index("read the index", what).in_index(self.dir()));
        };
        // SAFETY: LMDB asks that this process has no transaction open. Every transaction of this
        // environment is begun behind `self.gate` and ends before its passage does (field order in
        // `Snapshot`, declaration order in `try_write`), and the gate is closed. The environment
        // is opened once in a process, so there is no other handle. Bytes that were read
        // borrow from their transaction, so none outlive it.
        #[expect(unsafe_code, reason = "LMDB moves its map")]
        let resized = unsafe { self.env.resize(bytes) };
        resized.map_err(self.failed("grow the index"))
    }

    /// Where it is.
    pub(super) fn dir(&self) -> &Path {
        self.env.path()
    }

    fn data_path(&self) -> PathBuf {
        self.dir().join(file::DATA)
    }

    fn failed(&self, attempt: &'static str) -> impl Fn(heed::Error) -> StorageError {
        move |error| failed(attempt)(error).in_index(self.dir())
    }
}

enum Attempt<T> {
    Done(T),
    MapFull { map_bytes: usize },
}

/// A transaction that reads. The transaction ends before the passage: fields drop in order.
pub(super) struct Snapshot<'a> {
    txn: RoTxn<'a, WithoutTls>,
    pub(super) tables: &'a Tables,
    dir: &'a Path,
    _passage: Passage<'a>,
}

impl Snapshot<'_> {
    pub(super) fn txn(&self) -> &RoTxn<'_, AnyTls> {
        &self.txn
    }

    /// The outcome of a look, an error with the place of the index.
    pub(super) fn located<T>(&self, outcome: Result<T, StorageError>) -> Result<T, StorageError> {
        outcome.map_err(|error| error.in_index(self.dir))
    }
}

/// A transaction that writes.
pub(super) struct Transaction<'a> {
    txn: RwTxn<'a>,
    pub(super) tables: &'a Tables,
    dir: &'a Path,
    map_full: bool,
}

impl Transaction<'_> {
    pub(super) fn txn(&self) -> &RoTxn<'_, AnyTls> {
        &self.txn
    }

    /// The outcome of a look, an error with the place of the index.
    pub(super) fn located<T>(&self, outcome: Result<T, StorageError>) -> Result<T, StorageError> {
        outcome.map_err(|error| error.in_index(self.dir))
    }

    pub(super) fn put(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StorageError> {
        let done = table.put(&mut self.txn, key, value);
        self.noted(done)
    }

    /// Puts a row behind all others of its table, which fills the pages.
    pub(super) fn put_last(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StorageError> {
        let done = table.put_with_flags(&mut self.txn, PutFlags::APPEND, key, value);
        self.noted(done)
    }

    /// Whether there was such a row.
    pub(super) fn delete(&mut self, table: Table, key: &[u8]) -> Result<bool, StorageError> {
        let done = table.delete(&mut self.txn, key);
        self.noted(done)
    }

    /// How many rows there were.
    pub(super) fn delete_range(
        &mut self,
        table: Table,
        range: &KeyRange<'_>,
    ) -> Result<usize, StorageError> {
        let done = table.delete_range(&mut self.txn, range);
        self.noted(done)
    }

    /// Remembers that the map is full: whatever the caller makes of the error, it runs again.
    fn noted<T>(&mut self, done: heed::Result<T>) -> Result<T, StorageError> {
        if let Err(heed::Error::Mdb(MdbError::MapFull)) = done {
            self.map_full = true;
        }
        self.located(done.map_err(failed("write to the index")))
    }
}

/// Addresses to begin with where there are not enough for the default.
const FEW_MAP_BYTES: usize = 256 * 1024 * 1024;

const TOO_MANY_READERS: &str = "too many look-ups are open at once, in this and in other processes; \
     keep looks at tables short, and close processes that are not needed";

/// An error of LMDB as one of the store. `attempt` finishes "could not …".
pub(super) fn failed(attempt: &'static str) -> impl Fn(heed::Error) -> StorageError {
    // The error of the system itself, so that `StorageError::is_full` finds it: heed hides it.
    move |error| match error {
        heed::Error::Io(error) => StorageError::index(attempt, error),
        heed::Error::Mdb(MdbError::ReadersFull) => StorageError::index(attempt, TOO_MANY_READERS),
        error => StorageError::index(attempt, error),
    }
}

/// Bytes of a table are not what was written.
pub(super) fn damaged(table: &'static str, what: &str) -> StorageError {
    let remedy =
        "delete the index directory while the store is closed; it is built anew from the log";
    StorageError::index(
        "read the index",
        format!("its table {table} is damaged: {what}; {remedy}"),
    )
}

/// Opens the environment, with fewer addresses where the process may not have so many.
fn open_env(dir: &Path, map_bytes: usize, flags: EnvFlags) -> Result<Env<WithoutTls>, IndexError> {
    let is_short = |error: &heed::Error| match error {
        heed::Error::Io(error) => error.kind() == std::io::ErrorKind::OutOfMemory,
        _ => false,
    };
    let opened = match open_mapped(dir, map_bytes, flags) {
        Err(error) if is_short(&error) => open_mapped(dir, map_bytes.min(FEW_MAP_BYTES), flags),
        opened => opened,
    };
    opened.map_err(|error| match error {
        heed::Error::Io(error) => StorageError::io("open the index in", dir, error).into(),
        error => refused(error),
    })
}

fn open_mapped(
    dir: &Path,
    map_bytes: usize,
    flags: EnvFlags,
) -> Result<Env<WithoutTls>, heed::Error> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    let map_bytes = map_bytes.max(MAP_GRAIN_BYTES);
    let map_bytes = map_bytes
        .checked_next_multiple_of(MAP_GRAIN_BYTES)
        .unwrap_or(map_bytes);
    options
        .max_readers(MAX_READERS)
        .max_dbs(Tables::COUNT)
        .map_size(map_bytes);
    // SAFETY: `READ_ONLY` is the only flag ever given here; it turns off neither syncs nor locks.
    #[expect(unsafe_code, reason = "heed marks all flags alike")]
    unsafe {
        options.flags(flags);
    }
    // SAFETY: The map stays valid as long as nobody but LMDB changes the file, which is a promise
    // of the store's directory: one writing process holds the store's lock, LMDB's own lock file
    // orders it and the readers, and the file is removed only while the store is closed. heed
    // refuses to open one environment twice in a process. That the file can be trusted to be
    // LMDB's was checked as far as it can be.
    #[expect(unsafe_code, reason = "LMDB maps its file")]
    unsafe {
        options.open(dir)
    }
}

/// An error of LMDB while opening.
pub(super) fn refused(error: heed::Error) -> IndexError {
    use MdbError::{Corrupted, Incompatible, Invalid, PageNotFound, Panic, VersionMismatch};
    match error {
        heed::Error::EnvAlreadyOpened => IndexError::AlreadyOpen,
        heed::Error::Mdb(
            error @ (Corrupted | Incompatible | Invalid | PageNotFound | Panic | VersionMismatch),
        ) => IndexError::Damaged(error.to_string()),
        error => IndexError::Storage(failed("open the index")(error)),
    }
}
