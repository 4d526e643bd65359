//! The `lock` file: one writing process, and how far its log has come, for whoever opens the store
//! beside it or after it.
//!
//! Layout: the writer's process id as text, padded with spaces to 64 bytes; then two positions,
//! each as `u64` and its complement, little-endian: the head, and up to where the log was known to
//! be synced. The lock itself is the operating system's and dies with the process, whatever the
//! file says.
//!
//! The file is never synced. So a power cut may take it back to what it once said, and what it says
//! of the disk is still true: the log was synced before the file said so.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::open::OpenError;
use crate::directory::{Held, NotHeld, PID_BYTES};
use crate::error::StorageError;
use crate::log::Log;
use crate::position::Position;

/// The name of the file in the store's directory.
pub(super) const FILE: &str = "lock";

const POSITION_BYTES: usize = 16;
/// Where the file says the head.
pub(super) const HEAD_AT: u64 = PID_BYTES as u64;
/// Where it says up to where the log was synced.
pub(super) const SYNCED_AT: u64 = HEAD_AT + POSITION_BYTES as u64;

/// The lock of the one writing process; given back when dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    held: Held,
    /// Up to where the log was synced, as the last writing process knew.
    synced: Position,
    /// The log that this process writes, once it is open.
    log: Option<Log>,
}

impl WriterLock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        let held = Held::take(path.clone(), 0, &mut File::options()).map_err(|not| match not {
            NotHeld::By(pid) => OpenError::Locked { path, pid },
            NotHeld::Storage(error) => error.into(),
        })?;
        let synced = position_at(held.file(), held.path(), SYNCED_AT)?;
        let lock = Self {
            held,
            synced: synced.unwrap_or_default(),
            log: None,
        };
        lock.sign()?;
        Ok(lock)
    }

    /// Up to where the log is known to have been synced: it must not end before.
    pub(crate) fn synced(&self) -> Position {
        self.log.as_ref().map_or(self.synced, Log::synced)
    }

    /// From now on tells how far this log is synced.
    pub(crate) fn tell_of(&mut self, log: Log) {
        self.log = Some(log);
    }

    /// Tells reading processes that everything up to `head` is committed, and later openings what
    /// they must find at least.
    pub(crate) fn publish(&mut self, head: Position) -> Result<(), StorageError> {
        let mut bytes = [0; 2 * POSITION_BYTES];
        let (first, second) = bytes.split_at_mut(POSITION_BYTES);
        first.copy_from_slice(&with_complement(head));
        second.copy_from_slice(&with_complement(self.synced()));
        self.held.write_at(HEAD_AT, &bytes)
    }

    /// Leaves alone what the file says of the disk: it is true until the log is there to say more.
    fn sign(&self) -> Result<(), StorageError> {
        self.held.sign()?;
        self.held
            .write_at(HEAD_AT, &with_complement(Position::ZERO))
    }
}

impl Drop for WriterLock {
    /// What was synced since the last commit, if anything, has been told to nobody yet. Should it
    /// not be told, a later opening knows of less and asks for less.
    fn drop(&mut self) {
        if self.log.is_some() {
            let synced = with_complement(self.synced());
            drop(self.held.write_at(SYNCED_AT, &synced));
        }
    }
}

fn with_complement(position: Position) -> [u8; POSITION_BYTES] {
    let number = position.get();
    (u128::from(number) | u128::from(!number) << 64).to_le_bytes()
}

/// A position in the lock file; `None` when it says none, or is being written right now.
pub(super) fn position_at(
    file: &File,
    path: &Path,
    offset: u64,
) -> Result<Option<Position>, StorageError> {
    let mut bytes = [0; POSITION_BYTES];
    match file.read_exact_at(&mut bytes, offset) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(StorageError::io("read", path, error)),
    }
    let position = bytes.first_chunk().copied().map(u64::from_le_bytes);
    let position = position.map(Position::new);
    Ok(position.filter(|position| with_complement(*position) == bytes))
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
}
