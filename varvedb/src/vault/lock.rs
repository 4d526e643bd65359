//! `keys.lock`: one process writes to the vault, and tells the reading ones when something was shredded.
//!
//! Layout: the shred epoch, `u64`; the writer's process id as text, padded with spaces to 64 bytes. The lock
//! itself is the operating system's and dies with the process.
//!
//! The file is never synced: a power cut ends the processes that the epoch is for.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::VaultError;
use crate::directory::{Held, NotHeld};
use crate::error::StorageError;

const FILE: &str = "keys.lock";
const EPOCH_BYTES: u64 = 8;

/// How often something was shredded, for all processes that use the vault.
#[derive(Debug)]
pub(super) enum Epoch {
    /// The one that writes.
    Writer {
        epoch: AtomicU64,
        lock: Option<Held>,
    },
    /// One that looks at the file at every use of a key.
    Reader {
        path: PathBuf,
        /// How often there was none.
        missed: AtomicU64,
    },
}

impl Epoch {
    /// Takes the lock, or says who has it.
    pub(super) fn lock(dir: &Path) -> Result<Self, VaultError> {
        let lock = take(dir)?;
        let epoch = epoch_in(lock.file()).unwrap_or(0);
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
            missed: AtomicU64::new(0),
        }
    }

    pub(super) fn is_reader(&self) -> bool {
        matches!(self, Self::Reader { .. })
    }

    pub(super) fn now(&self) -> Result<u64, StorageError> {
        match self {
            Self::Writer { epoch, .. } => Ok(epoch.load(Ordering::Acquire)),
            Self::Reader { path, missed } => {
                read(path, missed).map_err(|error| StorageError::io("read", path, error))
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
        lock.write_at(0, &now.to_le_bytes())
    }
}

/// Held for the life of the writing vault.
fn take(dir: &Path) -> Result<Held, VaultError> {
    let path = dir.join(FILE);
    let held = Held::take(path.clone(), EPOCH_BYTES, File::options().mode(0o600));
    let held = held.map_err(|not| match not {
        NotHeld::By(pid) => VaultError::Locked { path, pid },
        NotHeld::Storage(error) => error.into(),
    })?;
    held.sign()?;
    Ok(held)
}

/// The file is opened each time: it may have been removed and made anew. Where there is none nobody could tell of a
/// shred, so it is another epoch each time.
fn read(path: &Path, missed: &AtomicU64) -> io::Result<u64> {
    match File::open(path) {
        Ok(file) => epoch_in(&file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(u64::MAX - missed.fetch_add(1, Ordering::Relaxed))
        }
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
