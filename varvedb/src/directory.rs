//! Directories: their names made durable, and one lock file in them held by one process at a time.
//!
//! A person who takes the file for a left-over removes it, and the next process would lock a new
//! one. So the directory itself is locked, too: it cannot be removed beneath what lies in it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::StorageError;

/// How much of a lock file says who holds it: a process id as text, padded with spaces.
pub(crate) const PID_BYTES: usize = 64;

/// A reading process holds the lock for an instant to see whether there is a writer.
pub(crate) const TRIES: u32 = 10;
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// Makes the names in a directory durable.
pub(crate) fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// The same, with an error that names the directory.
pub(crate) fn sync_storage(dir: &Path) -> Result<(), StorageError> {
    sync(dir).map_err(|error| StorageError::io("sync the directory", dir, error))
}

/// A lock file and its directory, held until this is dropped, or the process dies.
#[derive(Debug)]
pub(crate) struct Held {
    /// `None` where directories cannot be locked, as on some network file systems.
    _directory: Option<File>,
    file: File,
    path: PathBuf,
    /// Where in the file it stands who holds it.
    pid_at: u64,
}

/// Why a lock file is not held.
#[derive(Debug)]
pub(crate) enum NotHeld {
    /// This process has it; 0 if it did not say which it is.
    By(u32),
    Storage(StorageError),
}

impl Held {
    /// Takes the lock, or says who has it. The file is made as these options say.
    pub(crate) fn take(
        path: PathBuf,
        pid_at: u64,
        options: &mut OpenOptions,
    ) -> Result<Self, NotHeld> {
        let failed = |attempt| {
            let path = path.clone();
            move |error| NotHeld::Storage(StorageError::io(attempt, &path, error))
        };
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed("open"))?;
        let directory = path.parent().and_then(|dir| File::open(dir).ok());
        let is_free = try_lock(&file).map_err(failed("lock"))?
            && directory
                .as_ref()
                .is_none_or(|directory| try_lock(directory).unwrap_or(true));
        if !is_free {
            return Err(NotHeld::By(holder(&file, pid_at)));
        }
        Ok(Self {
            _directory: directory,
            file,
            path,
            pid_at,
        })
    }

    /// Says in the file which process holds it.
    pub(crate) fn sign(&self) -> Result<(), StorageError> {
        let pid = format!("{:<PID_BYTES$}", std::process::id());
        self.write_at(self.pid_at, pid.as_bytes())
    }

    /// Says something else there.
    pub(crate) fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let written = self.file.write_all_at(bytes, offset);
        written.map_err(|error| StorageError::io("write", &self.path, error))
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Locks the file, unless another process has it.
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
fn holder(file: &File, pid_at: u64) -> u32 {
    let mut text = [0; PID_BYTES];
    let read = file.read_at(&mut text, pid_at).unwrap_or(0);
    let text = text.get(..read).unwrap_or_default();
    str::from_utf8(text)
        .ok()
        .and_then(|pid| pid.trim().parse().ok())
        .unwrap_or(0)
}
