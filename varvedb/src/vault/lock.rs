//! `keys.lock`: one process writes to the vault, and tells the reading ones when something was shredded.
//!
//! Layout: the shred epoch, `u64`; the writer's process id as text, padded with spaces to 64 bytes. The lock
//! itself is the operating system's and dies with the process. The directory is locked too, since a file
//! can be removed beneath its lock.
//!
//! The file is never synced: a power cut ends the processes that the epoch is for.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::error::VaultError;
use crate::error::StorageError;

const FILE: &str = "keys.lock";
const EPOCH_BYTES: u64 = 8;
const PID_BYTES: usize = 64;
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// How often something was shredded, for all processes that use the vault.
#[derive(Debug)]
pub(super) enum Epoch {
    /// The one that writes.
    Writer {
        epoch: AtomicU64,
        lock: Option<Lock>,
    },
    /// One that looks at the file at every use of a key.
    Reader { path: PathBuf, file: OnceLock<File> },
}

/// Held for the life of the writing vault.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// `None` where directories cannot be locked.
    _directory: Option<File>,
}

impl Epoch {
    /// Takes the lock, or says who has it.
    pub(super) fn lock(dir: &Path) -> Result<Self, VaultError> {
        let lock = Lock::take(dir)?;
        let epoch = epoch_in(&lock.file).unwrap_or(0);
        let writer = Self::Writer {
            epoch: AtomicU64::new(epoch),
            lock: Some(lock),
        };
        // Whoever wrote last may have been killed between an erasure and telling of it.
        writer.advance()?;
        Ok(writer)
    }

    /// Of no file at all.
    #[cfg(test)]
    pub(super) fn alone() -> Self {
        Self::Writer {
            epoch: AtomicU64::new(1),
            lock: None,
        }
    }

    pub(super) fn reader(dir: &Path) -> Self {
        Self::Reader {
            path: dir.join(FILE),
            file: OnceLock::new(),
        }
    }

    pub(super) fn is_reader(&self) -> bool {
        matches!(self, Self::Reader { .. })
    }

    pub(super) fn now(&self) -> Result<u64, StorageError> {
        match self {
            Self::Writer { epoch, .. } => Ok(epoch.load(Ordering::Acquire)),
            Self::Reader { path, file } => {
                read(path, file).map_err(|error| StorageError::io("read", path, error))
            }
        }
    }

    /// Keys that were read before are not to be used any more.
    pub(super) fn advance(&self) -> Result<(), StorageError> {
        let Self::Writer { epoch, lock } = self else {
            return Ok(());
        };
        let now = epoch.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
        let Some(lock) = lock else {
            return Ok(());
        };
        lock.file
            .write_all_at(&now.to_le_bytes(), 0)
            .map_err(|error| StorageError::io("write", &lock.path, error))
    }
}

impl Lock {
    fn take(dir: &Path) -> Result<Self, VaultError> {
        let path = dir.join(FILE);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let file = file.map_err(|error| StorageError::io("open", &path, error))?;
        let directory = File::open(dir).ok();
        let is_free = try_lock(&file).map_err(|error| StorageError::io("lock", &path, error))?
            && directory
                .as_ref()
                .is_none_or(|directory| try_lock(directory).unwrap_or(true));
        if !is_free {
            let pid = holder(&path);
            return Err(VaultError::Locked { path, pid });
        }
        let pid = format!("{:<PID_BYTES$}", std::process::id());
        file.write_all_at(pid.as_bytes(), EPOCH_BYTES)
            .map_err(|error| StorageError::io("write", &path, error))?;
        Ok(Self {
            file,
            path,
            _directory: directory,
        })
    }
}

fn try_lock(file: &File) -> io::Result<bool> {
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if attempt == TRIES => return Ok(false),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Ok(true)
}

/// The process id in the file, or 0 when it cannot be read.
fn holder(path: &Path) -> u32 {
    let bytes = fs::read(path).unwrap_or_default();
    let text = bytes.get(8..8 + PID_BYTES).unwrap_or_default();
    let pid = str::from_utf8(text).ok().map(str::trim);
    pid.and_then(|pid| pid.parse().ok()).unwrap_or(0)
}

/// Before there was a writer there is no file, and nothing was shredded.
fn read(path: &Path, cell: &OnceLock<File>) -> io::Result<u64> {
    if let Some(file) = cell.get() {
        return epoch_in(file);
    }
    match File::open(path) {
        Ok(file) => epoch_in(cell.get_or_init(|| file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn epoch_in(file: &File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    match file.read_exact_at(&mut bytes, 0) {
        Ok(()) => Ok(u64::from_le_bytes(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(error) => Err(error),
    }
}
