//! The head that the writing process publishes in the `lock` file, as a reading process sees it.
//!
//! The file stays open, so that a process without a free descriptor goes on hearing of commits. It
//! is changed for another only when nobody holds it: a file that was removed beneath its lock is
//! still the one that the writing process writes.

use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::lock::{FILE, HEAD_AT, SYNCED_AT, position_at};
use crate::directory::{PAUSE, TRIES};
use crate::error::StorageError;
use crate::position::Position;

/// The head of the process that writes, if there is one.
#[derive(Debug)]
pub(crate) struct SharedHead {
    dir: PathBuf,
    path: PathBuf,
    /// `None` until there is a lock file.
    file: Mutex<Option<LockFile>>,
}

#[derive(Debug)]
struct LockFile {
    file: File,
    identity: (u64, u64),
}

impl SharedHead {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            path: dir.join(FILE),
            file: Mutex::default(),
        }
    }

    /// The directory of the store.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether a process is writing to the store at this moment. Fails when that cannot be seen:
    /// whoever reads on all the same would never hear of a commit.
    pub(crate) fn has_writer(&self) -> Result<bool, StorageError> {
        for _ in 0..TRIES {
            // In this order: a writer takes the file before the directory.
            let is_directory_held = File::open(&self.dir).is_ok_and(|dir| is_held(&dir));
            let is_file_held = self
                .file()?
                .as_ref()
                .is_some_and(|lock| is_held(&lock.file));
            if is_file_held || !is_directory_held {
                return Ok(is_file_held);
            }
            // Either it has just ended, or this is not the file that it holds.
            std::thread::sleep(PAUSE);
        }
        let removed = "it was removed while a process writes to the store, which holds the old one \
                       still; restart that process";
        let removed = io::Error::new(ErrorKind::NotFound, removed);
        Err(StorageError::io("follow", &self.path, removed))
    }

    /// The published head; `None` when there is none, or when it is being written right now.
    pub(crate) fn read(&self) -> Result<Option<Position>, StorageError> {
        self.position_at(HEAD_AT)
    }

    /// Up to where the log is known to have been synced: without a writing process, it must not end
    /// before.
    pub(crate) fn synced(&self) -> Result<Position, StorageError> {
        Ok(self.position_at(SYNCED_AT)?.unwrap_or_default())
    }

    fn position_at(&self, offset: u64) -> Result<Option<Position>, StorageError> {
        match &*self.file()? {
            Some(lock) => position_at(&lock.file, &self.path, offset),
            None => Ok(None),
        }
    }

    /// The lock file that counts at this moment.
    fn file(&self) -> Result<MutexGuard<'_, Option<LockFile>>, StorageError> {
        let mut known = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::metadata(&self.path) {
            Ok(found) if known.as_ref().is_some_and(|lock| lock.counts(&found)) => {}
            Ok(_) => {
                let opened = LockFile::open(&self.path);
                *known = Some(opened.map_err(|e| StorageError::io("open", &self.path, e))?);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(StorageError::io("look for", &self.path, error)),
        }
        Ok(known)
    }
}

impl LockFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let identity = identity(&file.metadata()?);
        Ok(Self { file, identity })
    }

    /// Whether it is the file that was found, or still held by a process that writes.
    fn counts(&self, found: &Metadata) -> bool {
        self.identity == identity(found) || is_held(&self.file)
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Whether a process that writes has locked this file.
fn is_held(file: &File) -> bool {
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => false,
        Ok(()) => {
            // Were it not given back, it would be when the file is closed.
            drop(file.unlock());
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lock::WriterLock;
    use super::*;

    #[test]
    fn a_reader_sees_the_writer_and_its_head() {
        let dir = tempfile::tempdir().unwrap();
        let head = SharedHead::new(dir.path());
        let seen = || (head.has_writer().unwrap(), head.read().unwrap());
        assert_eq!(seen(), (false, None));
        let mut writer = WriterLock::take(dir.path()).unwrap();
        writer.publish(Position::new(7)).unwrap();
        assert_eq!(seen(), (true, Some(Position::new(7))));
    }

    #[test]
    fn a_lock_file_that_was_removed_is_followed_as_long_as_its_writer_lives() {
        let dir = tempfile::tempdir().unwrap();
        let head = SharedHead::new(dir.path());
        let mut first = WriterLock::take(dir.path()).unwrap();
        first.publish(Position::new(7)).unwrap();
        assert_eq!(head.read().unwrap(), Some(Position::new(7)));
        fs::remove_file(dir.path().join(FILE)).unwrap();
        // Refused, and leaves a new file that nobody holds.
        WriterLock::take(dir.path()).unwrap_err();
        first.publish(Position::new(8)).unwrap();
        assert_eq!(head.read().unwrap(), Some(Position::new(8)));
        drop(first);
        let mut second = WriterLock::take(dir.path()).unwrap();
        second.publish(Position::new(9)).unwrap();
        assert_eq!(head.read().unwrap(), Some(Position::new(9)));
    }
}
