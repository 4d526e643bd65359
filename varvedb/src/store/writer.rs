//! The writer thread: takes all appends that wait, refuses those in conflict, lays the others into
//! one group, writes and syncs it once, and only then answers.
//!
//! Invariants: positions are given in the order in which commits are laid; a conflict is decided
//! on everything laid before it, synced or not; nothing is visible or answered before its group
//! is on the disk (in the log's order, for buffered appends); after a failed write none follows.

mod admission;
mod group;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use self::group::{Group, Laid};
use super::append::{AppendError, Appended, NewCommit};
use super::folder::Folder;
use super::lock::WriterLock;
use super::shared::Shared;
use crate::error::StorageError;
use crate::log::LogWriter;

/// Commits that one group may hold, so that the first is not kept waiting for the last.
const GROUP_COMMITS: usize = 4096;

/// Bytes of payload after which a group is closed, for the same reason.
const GROUP_BYTES: usize = 8 << 20;

/// What the writer thread is asked for.
#[derive(Debug)]
pub(crate) enum Job {
    /// Write a commit.
    Commit(NewCommit, oneshot::Sender<Result<Appended, AppendError>>),
    /// Record schemas of event types.
    Register(Vec<NewSchema>, oneshot::Sender<Result<(), AppendError>>),
    /// Put everything before this on the disk.
    Sync(oneshot::Sender<Result<(), AppendError>>),
}

/// The schema of one revision of an event type.
#[derive(Clone, Debug)]
pub(crate) struct NewSchema {
    pub(crate) type_name: &'static str,
    pub(crate) revision: u16,
    pub(crate) text: String,
}

/// The writer thread's own: nobody else writes to the log, the lock file, or the head.
#[derive(Debug)]
pub(crate) struct Writer {
    // Dropped in this order: what the folder has to do at the end is done before the lock lets
    // another process in.
    pub(crate) folder: Folder,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: LogWriter,
    pub(crate) lock: WriterLock,
    pub(crate) jobs: Receiver<Job>,
    /// Free places in the queue: each job taken out gives one back.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) sync_within: Duration,
    /// Since when buffered commits have been off the disk.
    pub(crate) unsynced_since: Option<Instant>,
}

impl Writer {
    /// Works until every handle of the store is gone; then syncs and folds what is left.
    pub(crate) fn run(mut self) {
        let _guard = EndGuard(Arc::clone(&self.shared), Arc::clone(&self.places));
        while let Some(job) = self.next_job() {
            let group = self.take_group(job);
            self.write(group);
        }
        self.sync();
    }

    /// The next job; syncs buffered commits while it waits. `None` at the end.
    fn next_job(&mut self) -> Option<Job> {
        let job = match self.unsynced_since {
            None => self.jobs.recv().ok(),
            Some(since) => {
                match self
                    .jobs
                    .recv_timeout(self.sync_within.saturating_sub(since.elapsed()))
                {
                    Ok(job) => Some(job),
                    Err(RecvTimeoutError::Disconnected) => None,
                    Err(RecvTimeoutError::Timeout) => {
                        self.sync();
                        self.jobs.recv().ok()
                    }
                }
            }
        }?;
        self.places.add_permits(1);
        Some(job)
    }

    /// The job and all that wait behind it, up to the limits of a group.
    fn take_group(&mut self, first: Job) -> Vec<Job> {
        let mut bytes = first.payload_bytes();
        let mut jobs = vec![first];
        while jobs.len() < GROUP_COMMITS && bytes < GROUP_BYTES {
            let Ok(job) = self.jobs.try_recv() else { break };
            bytes += job.payload_bytes();
            jobs.push(job);
        }
        self.places.add_permits(jobs.len() - 1);
        jobs
    }

    /// Writes one group and answers everybody in it.
    fn write(&mut self, jobs: Vec<Job>) {
        // Only what is synced can be folded.
        if self.folder.is_overfull() {
            self.sync();
        }
        let ready = self
            .shared
            .check()
            .and_then(|()| self.folder.wait_for_room());
        if let Err(error) = ready {
            for job in jobs {
                job.fail(&error);
            }
            return;
        }
        let mut group = Group::new(&self.shared, &mut self.log);
        for job in jobs {
            group.take(job);
        }
        let laid = group.finish();
        match self.put_on_disk(&laid) {
            Ok(()) => laid.answer(),
            Err(error) => {
                self.shared.poison(&error);
                laid.fail(&error);
            }
        }
    }

    /// One write and one sync; then everybody may see it.
    fn put_on_disk(&mut self, laid: &Laid) -> Result<(), StorageError> {
        if let Some(failure) = &laid.failure {
            return Err(failure.clone());
        }
        let is_sync = laid.wants_sync || self.is_sync_due();
        self.log.flush(is_sync)?;
        self.note_sync(is_sync, laid);
        laid.add_to(&self.shared.index)?;
        self.publish()?;
        self.folder.wake();
        Ok(())
    }

    fn publish(&mut self) -> Result<(), StorageError> {
        let head = self.shared.log.end().position;
        self.lock.publish(head)?;
        self.shared.publish(head);
        Ok(())
    }

    fn is_sync_due(&self) -> bool {
        self.unsynced_since
            .is_some_and(|since| since.elapsed() >= self.sync_within)
    }

    fn note_sync(&mut self, is_sync: bool, laid: &Laid) {
        if is_sync {
            self.unsynced_since = None;
        } else if !laid.is_empty() {
            self.unsynced_since.get_or_insert_with(Instant::now);
        }
    }

    /// Puts buffered commits on the disk.
    fn sync(&mut self) {
        if self.unsynced_since.take().is_none() {
            return;
        }
        match self.log.sync() {
            Ok(()) => {
                // Whoever waits for the disk looks again.
                self.shared.publish(self.shared.head());
                self.folder.wake();
            }
            Err(error) => self.shared.poison(&error),
        }
    }
}

impl Job {
    fn fail(self, error: &StorageError) {
        match self {
            Self::Commit(_, answer) => drop(answer.send(Err(error.clone().into()))),
            Self::Register(_, answer) | Self::Sync(answer) => {
                drop(answer.send(Err(error.clone().into())));
            }
        }
    }

    fn payload_bytes(&self) -> usize {
        match self {
            Self::Commit(commit, _) => commit.payload_bytes(),
            Self::Register(..) | Self::Sync(_) => 0,
        }
    }
}

/// Poisons the store when the writer thread panics, and closes the queue whenever it ends: callers
/// that wait for an answer or for a place must not wait for ever.
struct EndGuard(Arc<Shared>, Arc<Semaphore>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison(&StorageError::panicked("the writer thread"));
        }
        self.1.close();
    }
}
