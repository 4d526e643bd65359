//! Opening: from a directory to a store that answers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use uuid::Uuid;

use super::folder::Folder;
use super::follower::{Follower, FollowerThread};
use super::lock::WriterLock;
use super::manifest::Manifest;
use super::names::SharedNames;
use super::options::{OnProgress, OpenProgress, StoreOptions};
use super::privacy::{Custody, ShredError};
use super::queue::Queue;
use super::role::{Role, WriterThread};
use super::schema::RegisterError;
use super::shared::Shared;
use super::shared_head::SharedHead;
use super::writer::Writer;
use super::{Handle, Store};
use crate::directory;
use crate::error::StorageError;
use crate::index::{Index, IndexError, IndexOptions, StreamName, TailCommit, TailRun};
use crate::log::{self, Frame, FrameKind, LogOptions, LogWriter, Start};
use crate::pii::Subject;
use crate::position::Position;
use crate::vault::{Vault, VaultError};

/// Events that an opening gathers at least before it folds any, however few may wait later: each fold is
/// a synced transaction, and all of a log may have to be read.
const LEAST_TAIL_EVENTS: usize = 65_536;

/// Clocks that keep each other's time are never apart as much.
const FAR_BEHIND_MICROS: i64 = 60 * 1_000_000;

/// Why a store was not opened. Of its events nothing was changed; a torn tail, which nobody was ever
/// told of, may have been cut off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or this one, has the store open for writing.
    #[error(
        "{} is held by {}",
        .path.display(),
        match *.pid {
            0 => "a process that writes to this store and did not say which it is; \
                  end it, or open read-only".to_owned(),
            pid if pid == std::process::id() => format!(
                "process {pid}, which writes to this store; \
                 this is that process: clone its `Store`"
            ),
            pid => format!(
                "process {pid}, which writes to this store, or by one that it forked; \
                 end it, or open read-only"
            ),
        }
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it; 0 when it did not say.
        pid: u32,
    },
    /// There is something in the directory, and it is not a store.
    #[error(
        "{} is not a store: it holds `{found}` but no `store.toml`; \
         choose another or an empty directory, or, if it was a store, put its `store.toml` back",
        .path.display()
    )]
    NotAStore {
        /// The directory.
        path: PathBuf,
        /// Something in it.
        found: String,
    },
    /// There is no store to read.
    #[error(
        "there is no store in {}; look whether the path is right, or open it for writing, \
         which makes one",
        .path.display()
    )]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// `store.toml` cannot be understood.
    #[error(
        "{} cannot be understood: {what}; it is written once and never changed, so put it back as it \
         was",
        .path.display()
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The store has another format than this library reads.
    #[error(
        "{} says format {found}, this library reads format {known}; \
         open the store with the version of varvedb that knows it",
        .path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The format of the store.
        found: i64,
        /// The format that this library reads.
        known: i64,
    },
    /// The payloads were archived in another way than this program does it.
    #[error(
        "{} says archives are `{found}`, this program reads `{known}`; \
         build it with the same features of rkyv as the program that wrote the store",
        .path.display()
    )]
    Archive {
        /// The file.
        path: PathBuf,
        /// The archives of the store.
        found: String,
        /// The archives that this program reads.
        known: &'static str,
    },
    /// The key vault was not opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store holds personal data, and was opened for writing without its key vault.
    #[error(
        "{} holds sealed personal data, and was opened without its key vault; \
         name it: `Store::options().vault(..)`, or open read-only to read what is not personal",
        .path.display()
    )]
    NoVault {
        /// The store's directory.
        path: PathBuf,
    },
    /// A subject that the vault says was shredded could not be written down.
    #[error("could not complete a shred that was begun before: {0}")]
    Reconcile(Box<ShredError>),
    /// The log says that a subject was shredded, and the vault still has keys of theirs: it is an old copy.
    #[error(
        "{subject} was shredded, but this key vault, an old copy, still has their keys; open the store for \
         writing once, which destroys them"
    )]
    NotReconciled {
        /// The subject.
        subject: Subject,
    },
    /// Events have another shape than those in the store.
    #[error(transparent)]
    Schema(RegisterError),
    /// The disk failed, or bytes are not what was written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Opens for reading and writing, or makes a new store.
pub(crate) fn open(path: &Path, options: &StoreOptions) -> Result<Store, OpenError> {
    let path = &absolute(path)?;
    make_directory(path)?;
    check_directory(path)?;
    let mut lock = WriterLock::take(path)?;
    let manifest = match Manifest::read(path)? {
        Some(manifest) => manifest,
        None => create(path, &lock)?,
    };
    let index = open_index(path, manifest, options)?;
    let names = known_names(&index)?;
    let start = start(&index, lock.synced())?;
    let log_options = LogOptions {
        segment_bytes: options.segment_bytes,
        store_id: manifest.store_id,
    };
    let mut progress = Progress::new(path, options);
    // What may wait to be folded does: the folder has time for it later.
    let most = options.max_tail_events.max(LEAST_TAIL_EVENTS);
    let (log, log_writer, _) = log::open(&path.join("log"), &log_options, start, &mut |frame| {
        progress.advance(frame);
        take_in(&names, &index, frame)?;
        while index.tail_events() > most {
            index.fold(most.div_ceil(2))?;
        }
        Ok(())
    })?;
    let holds_boxes = names.get().has_sealed() || index.has_boxes()?;
    let custody = custody(path, manifest, options, holds_boxes)?;
    let clock = Arc::clone(&options.clock);
    let shared = Arc::new(Shared::new(log, index, clock, names, custody));
    compare_clock(&shared);
    lock.tell_of(shared.log.clone());
    lock.publish(shared.head())?;
    let store = start_writing(path, shared, log_writer, lock, options)?;
    pollster::block_on(store.reconcile())?;
    pollster::block_on(async {
        for schemas in &options.schemas {
            store.register_all(schemas).await?;
        }
        Ok::<_, RegisterError>(())
    })?;
    Ok(store)
}

/// The key vault, which is made where there is none, unless there are boxes that only a lost one could open.
fn custody(
    path: &Path,
    manifest: Manifest,
    options: &StoreOptions,
    holds_boxes: bool,
) -> Result<Option<Custody>, OpenError> {
    match &options.vault {
        Some(vault) => {
            let vault = Vault::open(vault, manifest.store_id, path, !holds_boxes)?;
            Ok(Some(Custody::new(vault)))
        }
        None if holds_boxes && !options.is_shut => Err(OpenError::NoVault {
            path: path.to_owned(),
        }),
        None => Ok(None),
    }
}

/// Opens an existing store for reading.
pub(crate) fn open_read_only(path: &Path, options: &StoreOptions) -> Result<Store, OpenError> {
    let path = &absolute(path)?;
    let Some(manifest) = Manifest::read(path)? else {
        return Err(OpenError::Missing {
            path: path.to_owned(),
        });
    };
    let head = SharedHead::new(path);
    let has_writer = head.has_writer()?;
    let index_dir = path.join("index");
    let index = Index::open_read_only(&index_dir, manifest.store_id)
        .map_err(|error| unreadable(error, &index_dir))?;
    // In this order: the writing process may fold in between, and names are needed up to the start.
    // The writing process has made sure of the log's end itself, and may be about to.
    let synced = if has_writer {
        Position::ZERO
    } else {
        head.synced()?
    };
    let start = start(&index, synced)?;
    let names = known_names(&index)?;
    let up_to = if has_writer { head.read()? } else { None };
    let log = log::open_read_only(
        &path.join("log"),
        manifest.store_id,
        start,
        up_to,
        &mut |frame| take_in(&names, &index, frame),
    )?;
    let custody = match &options.vault {
        Some(vault) => Some(Custody::new(Vault::open_read_only(
            vault,
            manifest.store_id,
            path,
        )?)),
        None => None,
    };
    let clock = Arc::clone(&options.clock);
    let shared = Arc::new(Shared::new(log, index, clock, names, custody));
    let follower = Follower::new(Arc::clone(&shared), head);
    follower.check_mount()?;
    let thread = FollowerThread::start(follower)
        .map_err(|error| StorageError::io("start a thread for", path, error))?;
    let store = handle(path, shared, Role::Reader(thread));
    store.check_reconciled()?;
    for schemas in &options.schemas {
        store.check_schemas(schemas)?;
    }
    Ok(store)
}

/// The path as it is meant now: a store opens files later too, from wherever the process is then.
fn absolute(path: &Path) -> Result<PathBuf, StorageError> {
    std::path::absolute(path)
        .map_err(|error| StorageError::io("find the store's path", path, error))
}

/// Takes one frame of the log into the names and the tail.
pub(crate) fn take_in(
    names: &SharedNames,
    index: &Index,
    frame: &Frame<'_>,
) -> Result<(), StorageError> {
    if frame.kind() == FrameKind::Definitions {
        let definitions = frame.definitions()?;
        names
            .define(&definitions)
            .map_err(|what| frame.invalid(what))?;
        index.add_definitions(frame.first_position(), &definitions);
        return Ok(());
    }
    let (mut runs, mut places) = (Vec::<TailRun>::new(), Vec::new());
    let mut last = None;
    for record in frame.records() {
        let record = record?;
        places.push(record.place);
        let stream = (record.category, record.key);
        let goes_on =
            last.replace((stream, record.version.next())) == Some((stream, record.version));
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => run.events += 1,
            None => runs.push(TailRun {
                stream: StreamName::new(record.category, record.key)?,
                first_version: record.version,
                events: 1,
            }),
        }
    }
    index.add([TailCommit {
        place: frame.place(),
        end: frame.end_place(),
        first: frame.first_position(),
        runs: runs.into_iter(),
        places: &places,
    }]);
    Ok(())
}

/// Makes the directory and those above it that are missing, each durable in the one above, so that
/// a power cut cannot take the whole store.
fn make_directory(path: &Path) -> Result<(), StorageError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent();
    if let Some(parent) = parent {
        make_directory(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_dir() => {
            let error = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(StorageError::io("make a directory of", path, error));
        }
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(StorageError::io("create", path, error));
        }
        _ => {}
    }
    let synced = parent.map_or(Ok(()), directory::sync);
    synced.map_err(|error| StorageError::io("sync the directory above", path, error))
}

/// Begins a store where there is none.
fn create(path: &Path, lock: &WriterLock) -> Result<Manifest, OpenError> {
    if lock.synced() > Position::ZERO {
        return Err(OpenError::NotAStore {
            path: path.to_owned(),
            found: "lock".to_owned(),
        });
    }
    let manifest = Manifest {
        store_id: Uuid::now_v7(),
    };
    manifest.write(path)?;
    Ok(manifest)
}

/// Refuses a directory that holds something else than a store or what is left of beginning one.
fn check_directory(path: &Path) -> Result<(), OpenError> {
    let failed = |error: io::Error| StorageError::io("list", path, error);
    if Manifest::read(path)?.is_some() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_begun = match name.to_str() {
            Some("lock" | "store.toml.new") => true,
            Some("log") => fs::read_dir(entry.path()).map_err(failed)?.next().is_none(),
            _ => false,
        };
        // Another process may have made the store since the manifest was looked for.
        if !is_begun && Manifest::read(path)?.is_none() {
            let found = name.to_string_lossy().into_owned();
            return Err(OpenError::NotAStore {
                path: path.to_owned(),
                found,
            });
        }
    }
    Ok(())
}

/// The index, made anew if it cannot be used: nothing in it is not in the log.
fn open_index(
    path: &Path,
    manifest: Manifest,
    options: &StoreOptions,
) -> Result<Index, StorageError> {
    let dir = path.join("index");
    let options = IndexOptions {
        store_id: manifest.store_id,
        map_bytes: options.map_bytes,
        remembered_streams: options.remembered_streams,
    };
    match Index::open(&dir, &options) {
        Err(useless) if useless.asks_for_rebuild() => {
            // Were the manifest the one that is wrong, the index would be lost for nothing.
            log::check_owner(&path.join("log"), manifest.store_id)?;
            tracing::warn!(index = %dir.display(), "made the index anew: {useless}");
            Index::delete(&dir)?;
            Index::open(&dir, &options).map_err(|error| into_storage(error, &dir))
        }
        opened => opened.map_err(|error| into_storage(error, &dir)),
    }
}

fn into_storage(error: IndexError, dir: &Path) -> StorageError {
    let error = match error {
        IndexError::Storage(error) => error,
        other => StorageError::index("open the index", other),
    };
    error.in_index(dir)
}

/// The error of a process that may not make the index anew.
fn unreadable(error: IndexError, dir: &Path) -> StorageError {
    if error.asks_for_rebuild() {
        let what = format!("{error}; open the store for writing once, which makes it");
        return StorageError::index("open the index", what).in_index(dir);
    }
    into_storage(error, dir)
}

fn known_names(index: &Index) -> Result<SharedNames, StorageError> {
    let names = SharedNames::default();
    let defined = names.define(&index.definitions()?);
    defined.map_err(|what| {
        let remedy = "delete the index directory; it is built anew from the log";
        StorageError::index("use the definitions", format!("{what}; {remedy}"))
            .in_index(index.dir())
    })?;
    Ok(names)
}

fn start(index: &Index, synced: Position) -> Result<Start, StorageError> {
    let folded = index.folded()?;
    Ok(Start {
        position: folded.position,
        place: folded.place,
        synced,
    })
}

/// Warns of a clock that would give all new commits one time. An empty log asks for no clock.
fn compare_clock(shared: &Shared) {
    let end = shared.log.end();
    if end.position == Position::ZERO {
        return;
    }
    let behind = end
        .time
        .as_micros()
        .saturating_sub(shared.clock.now().as_micros());
    if behind > FAR_BEHIND_MICROS {
        tracing::warn!(
            seconds = behind / 1_000_000,
            "the clock is behind the log: new commits get the time of the last one until it has \
             caught up; set it right, or wait"
        );
    }
}

/// Starts the threads of a writing process.
fn start_writing(
    path: &Path,
    shared: Arc<Shared>,
    log: LogWriter,
    lock: WriterLock,
    options: &StoreOptions,
) -> Result<Store, StorageError> {
    let failed = |error| StorageError::io("start a thread for", path, error);
    let folder = Folder::start(Arc::clone(&shared), options.max_tail_events).map_err(failed)?;
    folder.wake();
    let (queue, jobs, places) = Queue::new(options.queue_commits);
    let writer = Writer::new(
        (folder, Arc::clone(&shared)),
        (log, lock),
        (jobs, places),
        options,
    );
    let thread = std::thread::Builder::new().name("varve-writer".into());
    let thread = thread.spawn(move || writer.run()).map_err(failed)?;
    Ok(handle(
        path,
        shared,
        Role::Writer(WriterThread::new(queue, thread)),
    ))
}

fn handle(path: &Path, shared: Arc<Shared>, role: Role) -> Store {
    Store(Arc::new(Handle {
        path: path.to_owned(),
        shared,
        role,
        registered: RwLock::default(),
    }))
}

/// Tells whoever wants to know how far a long opening has come.
struct Progress<'a> {
    report: Option<&'a OnProgress>,
    bytes: u64,
    total_bytes: u64,
    told_bytes: u64,
}

impl<'a> Progress<'a> {
    /// Bytes between two reports.
    const STEP_BYTES: u64 = 8 << 20;

    fn new(path: &Path, options: &'a StoreOptions) -> Self {
        let size = || -> io::Result<u64> {
            fs::read_dir(path.join("log"))?
                .map(|entry| Ok(entry?.metadata()?.len()))
                .sum()
        };
        let total_bytes = options
            .on_progress
            .as_ref()
            .map_or(0, |_| size().unwrap_or(0));
        Self {
            report: options.on_progress.as_ref(),
            bytes: 0,
            total_bytes,
            told_bytes: 0,
        }
    }

    fn advance(&mut self, frame: &Frame<'_>) {
        self.bytes += frame.end_place().offset() - frame.place().offset();
        if let Some(OnProgress(report)) = self.report
            && self.bytes - self.told_bytes >= Self::STEP_BYTES
        {
            self.told_bytes = self.bytes;
            report(OpenProgress {
                bytes: self.bytes,
                total_bytes: self.total_bytes,
            });
        }
    }
}
