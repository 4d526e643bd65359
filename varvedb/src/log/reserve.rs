//! The file of the segment to come, made ready before it is needed.
//!
//! A write is one sync of its own bytes only where the file has its blocks already: where zeros were
//! written before. An append that has to write them itself waits for them; with a thousand events to a
//! batch that was a third of the time. So while one segment fills, a thread of its own writes the zeros of the
//! next into a file beside it: unhurried, in step with the segment that fills at least. Nothing of it counts until it
//! gets its header and then its name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::StorageError;
use crate::log::recovery::write_zeros;

/// Zeros that are written and synced at once: whoever syncs the log meanwhile waits for no more.
const PIECE_BYTES: u64 = 1024 * 1024;

/// How long it rests after a piece that nobody has to have yet.
const REST: Duration = Duration::from_millis(10);

/// The reserve takes no more than this part of what the disk has left: rather slow than full.
const PART_OF_FREE_SPACE: u64 = 8;

/// What is due of a file that nobody wants any more.
const UNWANTED: u64 = u64::MAX;

/// What the file is called; it is none of the log's as long as it is called that.
const NAME: &str = "reserve";

#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Idle,
    Filling(Filling),
    /// It could not be made; the segment does without it.
    GivenUp,
}

#[derive(Debug)]
struct Filling {
    /// How many bytes should be ready by now.
    due: Arc<AtomicU64>,
    /// Gives the file, and how much of it is ready.
    thread: JoinHandle<Result<(File, u64), StorageError>>,
}

impl Reserve {
    /// The reserve of the log in this directory. What a program that was killed has left of one is deleted.
    pub(super) fn new(dir: &Path) -> Self {
        let reserve = Self {
            path: dir.join(NAME),
            state: State::Idle,
        };
        reserve.delete();
        reserve
    }

    /// Makes a file of so many bytes ready, unless it is; of them, so many should be by now.
    pub(super) fn prepare(&mut self, bytes: u64, due: u64) {
        if let State::Idle = self.state {
            self.state = match self.fill(bytes) {
                Ok(filling) => State::Filling(filling),
                Err(error) => {
                    tracing::debug!(%error, "the next segment is not made ready");
                    State::GivenUp
                }
            };
        }
        if let State::Filling(filling) = &self.state {
            filling.due.store(due.min(bytes), Ordering::Relaxed);
        }
    }

    /// The file, if so many bytes of it are ready; with it, where it lies. The next one may be asked for from
    /// then on.
    pub(super) fn take(&mut self, bytes: u64) -> Option<(File, &Path)> {
        let State::Filling(filling) = std::mem::replace(&mut self.state, State::Idle) else {
            return None;
        };
        match filling.end() {
            Ok((file, ready)) if ready >= bytes => return Some((file, &self.path)),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the next segment was not made ready"),
        }
        self.delete();
        None
    }

    fn fill(&self, bytes: u64) -> Result<Filling, StorageError> {
        let failed = |error| StorageError::io("make ready", &self.path, error);
        let disk = rustix::fs::statvfs(self.path.parent().unwrap_or(&self.path));
        let disk = disk.map_err(|error| failed(error.into()))?;
        if bytes > disk.f_bavail.saturating_mul(disk.f_frsize) / PART_OF_FREE_SPACE {
            return Err(failed(std::io::ErrorKind::StorageFull.into()));
        }
        let due = Arc::new(AtomicU64::new(0));
        let thread = std::thread::Builder::new()
            .name("varve-reserve".into())
            .spawn({
                let (path, due) = (self.path.clone(), Arc::clone(&due));
                move || write_pieces(&path, bytes, &due)
            });
        Ok(Filling {
            due,
            thread: thread.map_err(failed)?,
        })
    }

    fn delete(&self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::debug!(%error, path = %self.path.display(), "could not delete");
            }
            _ => {}
        }
    }
}

/// What is half made is of no use to the next opening.
impl Drop for Reserve {
    fn drop(&mut self) {
        self.take(u64::MAX);
    }
}

impl Filling {
    /// Stops it behind the piece that it is at.
    fn end(self) -> Result<(File, u64), StorageError> {
        self.due.store(UNWANTED, Ordering::Relaxed);
        self.thread.thread().unpark();
        let panicked = |_| {
            Err(StorageError::panicked(
                "the thread that makes segments ready",
            ))
        };
        self.thread.join().unwrap_or_else(panicked)
    }
}

fn write_pieces(path: &Path, bytes: u64, due: &AtomicU64) -> Result<(File, u64), StorageError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(|error| StorageError::io("create", path, error))?;
    let mut written = 0;
    while written < bytes {
        let end = bytes.min(written + PIECE_BYTES);
        write_zeros(&file, path, written, end)?;
        file.sync_data()
            .map_err(|error| StorageError::io("sync", path, error))?;
        written = end;
        if written < bytes && written > due.load(Ordering::Relaxed) {
            std::thread::park_timeout(REST);
        }
        if due.load(Ordering::Relaxed) == UNWANTED {
            break;
        }
    }
    Ok((file, written))
}
