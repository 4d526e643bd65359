//! The `lock` file: one writing process, and where its log ends, for the processes that read.
//!
//! Layout: the writer's process id as text, padded with spaces to 64 bytes; then the head as
//! `position: u64` and its complement, little-endian. The lock itself is the operating system's
//! and dies with the process, whatever the file says.
//!
//! A person who takes the file for a left-over removes it, and the next process would lock a new
//! one. So the directory itself is locked, too: it cannot be removed beneath the store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::open::OpenError;
use crate::error::StorageError;
use crate::position::Position;

const PID_BYTES: usize = 64;
const HEAD_BYTES: usize = 16;

/// A reading process holds the lock for an instant to see whether there is a writer.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// The lock of the one writing process; given back when dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    /// `None` where directories cannot be locked, as on some network file systems.
    _directory: Option<File>,
    file: File,
    path: PathBuf,
}

impl WriterLock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join("lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = file.map_err(|error| StorageError::io("open", &path, error))?;
        let directory = File::open(dir).ok();
        let is_free = try_lock(&file).map_err(|error| StorageError::io("lock", &path, error))?
            && directory
                .as_ref()
                .is_none_or(|directory| try_lock(directory).unwrap_or(true));
        if !is_free {
            let pid = holder(&mut file);
            return Err(OpenError::Locked { path, pid });
        }
        let mut lock = Self {
            _directory: directory,
            file,
            path,
        };
        lock.sign()?;
        Ok(lock)
    }

    /// Tells reading processes that everything up to `head` is committed.
    pub(crate) fn publish(&mut self, head: Position) -> Result<(), StorageError> {
        let mut bytes = [0; HEAD_BYTES];
        let (position, complement) = bytes.split_at_mut(HEAD_BYTES / 2);
        position.copy_from_slice(&head.get().to_le_bytes());
        complement.copy_from_slice(&(!head.get()).to_le_bytes());
        self.write_at(PID_BYTES as u64, &bytes)
    }

    fn sign(&mut self) -> Result<(), StorageError> {
        let pid = format!("{:<PID_BYTES$}", std::process::id());
        self.write_at(0, pid.as_bytes())?;
        self.publish(Position::ZERO)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let written = self.file.write_all_at(bytes, offset);
        written.map_err(|error| StorageError::io("write", &self.path, error))
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
fn holder(file: &mut File) -> u32 {
    let mut text = [0; PID_BYTES];
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read(&mut text))
        .unwrap_or(0);
    let text = text.get(..read).unwrap_or_default();
    str::from_utf8(text)
        .ok()
        .and_then(|pid| pid.trim().parse().ok())
        .unwrap_or(0)
}

/// The head that the writing process publishes, as a reading process sees it.
#[derive(Debug)]
pub(crate) struct SharedHead {
    path: PathBuf,
}

impl SharedHead {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("lock"),
        }
    }

    /// Whether a process is writing to the store at this moment. Fails when that cannot be seen:
    /// whoever reads on all the same would never hear of a commit.
    pub(crate) fn has_writer(&self) -> Result<bool, StorageError> {
        match File::open(&self.path) {
            // Dropping the file gives a shared lock back at once.
            Ok(file) => Ok(matches!(
                file.try_lock_shared(),
                Err(TryLockError::WouldBlock)
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StorageError::io("open", &self.path, error)),
        }
    }

    /// The published head; `None` when there is none, or when it is being written right now.
    pub(crate) fn read(&self) -> Option<Position> {
        let read = || -> io::Result<[u8; HEAD_BYTES]> {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(PID_BYTES as u64))?;
            let mut bytes = [0; HEAD_BYTES];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().ok()?;
        let (position, complement) = bytes.split_first_chunk::<{ HEAD_BYTES / 2 }>()?;
        let position = u64::from_le_bytes(*position);
        let complement = u64::from_le_bytes(complement.try_into().ok()?);
        (position == !complement).then_some(Position::new(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_learns_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let _first = WriterLock::take(dir.path()).unwrap();
        let second = WriterLock::take(dir.path()).unwrap_err();
        assert!(matches!(second, OpenError::Locked { pid, .. } if pid == std::process::id()));
    }

    #[test]
    fn the_lock_is_free_again_once_its_holder_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        drop(WriterLock::take(dir.path()).unwrap());
        assert!(WriterLock::take(dir.path()).is_ok());
    }

    #[test]
    fn a_reader_sees_the_writer_and_its_head() {
        let dir = tempfile::tempdir().unwrap();
        let head = SharedHead::new(dir.path());
        assert_eq!((head.has_writer().unwrap(), head.read()), (false, None));
        let mut writer = WriterLock::take(dir.path()).unwrap();
        writer.publish(Position::new(7)).unwrap();
        assert_eq!(
            (head.has_writer().unwrap(), head.read()),
            (true, Some(Position::new(7)))
        );
    }
}
