//! The writer thread: takes all appends that wait, refuses those in conflict, lays the others into
//! one group, writes and syncs it once, and only then answers.
//!
//! Invariants: positions are given in the order in which commits are laid; a conflict is decided
//! on everything laid before it, synced or not; nothing is visible or answered before its group
//! is on the disk (in the log's order, for buffered appends); after a failed write none follows.

mod admission;
mod company;
mod group;
mod heads;
mod naming;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use self::admission::Admission;
use self::company::Company;
use self::group::{Ground, Group};
use self::heads::Heads;
use super::append::AppendError;
use super::folder::Folder;
use super::lock::WriterLock;
use super::options::StoreOptions;
use super::privacy::{ShredError, ShredRequest, Shredded};
use super::shared::Shared;
use super::unwritten::Unwritten;
use crate::error::StorageError;
use crate::log::LogWriter;
use crate::position::Position;

/// Commits that one group may hold, so that the first is not kept waiting for the last.
const GROUP_COMMITS: usize = 4096;

/// Bytes of payload after which a group is closed, for the same reason.
const GROUP_BYTES: usize = 8 << 20;

/// What the writer thread is asked for.
#[derive(Debug)]
pub(crate) enum Job {
    /// Write a commit.
    Commit(
        Box<Unwritten>,
        oneshot::Sender<Result<Written, AppendError>>,
    ),
    /// Record schemas of event types.
    Register(Vec<NewSchema>, oneshot::Sender<Result<(), AppendError>>),
    /// Destroy the keys of a data subject, and write that down.
    Shred(ShredRequest, ShredAnswer),
    /// Let a data subject who was shredded have new keys, and write that down.
    Reenroll(ShredRequest, EnrolAnswer),
    /// Put everything before this on the disk.
    Sync(oneshot::Sender<Result<(), AppendError>>),
}

/// Who waits for a shred.
pub(crate) type ShredAnswer = oneshot::Sender<Result<Shredded, ShredError>>;

/// Who waits for a re-enrolment, and hears where it is written down.
pub(crate) type EnrolAnswer = oneshot::Sender<Result<Position, ShredError>>;

/// A commit that was written. It is given back to who made it, and with it the memory to who
/// allocated it: the writer thread has better things to do.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) commit: Box<Unwritten>,
    pub(crate) first_position: Position,
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
    folder: Folder,
    shared: Arc<Shared>,
    log: LogWriter,
    lock: WriterLock,
    jobs: Receiver<Job>,
    /// Free places in the queue: each job taken out gives one back.
    places: Arc<Semaphore>,
    /// What was taken out of the queue and is laid next.
    taken: Vec<Job>,
    group: Group,
    company: Company,
    sync_within: Duration,
    /// Since when buffered commits have been off the disk.
    unsynced_since: Option<Instant>,
}

impl Writer {
    /// The writer of a store, at the other end of its queue.
    pub(crate) fn new(
        (folder, shared): (Folder, Arc<Shared>),
        (log, lock): (LogWriter, WriterLock),
        (jobs, places): (Receiver<Job>, Arc<Semaphore>),
        options: &StoreOptions,
    ) -> Self {
        let heads = Heads::new(shared.index.clone());
        let admission = Admission::new(shared.names(), heads);
        Self {
            folder,
            shared,
            log,
            lock,
            jobs,
            places,
            taken: Vec::new(),
            group: Group::new(admission),
            company: Company::default(),
            sync_within: options.sync_within,
            unsynced_since: None,
        }
    }

    /// Works until every handle of the store is gone; then syncs and folds what is left.
    pub(crate) fn run(mut self) {
        let _guard = EndGuard(Arc::clone(&self.shared), Arc::clone(&self.places));
        while let Some(job) = self.next_job() {
            self.write(job);
        }
        self.sync();
        self.log.trim();
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

    /// Writes the job and all that wait behind it, up to the limits of a group, and answers them.
    fn write(&mut self, first: Job) {
        if let Err(error) = self.make_ready() {
            first.fail(&error);
            return;
        }
        self.lay(first);
        match self.put_on_disk() {
            Ok(()) => self.group.answer(),
            Err(error) => {
                self.shared.poison(&error);
                self.group.fail(&error);
            }
        }
    }

    /// Waits until the tail has room for a group.
    fn make_ready(&mut self) -> Result<(), StorageError> {
        // Only what is synced can be folded.
        if self.folder.is_overfull() {
            self.sync();
        }
        self.shared.check()?;
        self.folder.wait_for_room()
    }

    /// Lays the job, all that wait behind it, and those that come while the group is missing somebody.
    fn lay(&mut self, first: Job) {
        self.group.begin(self.shared.clock.now());
        self.taken.push(first);
        loop {
            self.take_waiting();
            let have_come = !self.taken.is_empty();
            self.lay_taken();
            if !self.expects_company(have_come) {
                break;
            }
        }
        self.company.came(self.group.jobs);
        // The place of the first was given back when it was taken.
        self.places.add_permits(self.group.jobs - 1);
    }

    /// Takes what waits out of the queue, as much as a group may have.
    fn take_waiting(&mut self) {
        let mut bytes = self.group.bytes + self.taken.iter().map(Job::bytes).sum::<usize>();
        while self.group.jobs + self.taken.len() < GROUP_COMMITS
            && bytes < GROUP_BYTES
            && let Ok(job) = self.jobs.try_recv()
        {
            bytes += job.bytes();
            self.taken.push(job);
        }
    }

    fn lay_taken(&mut self) {
        let mut ground = Ground {
            log: &mut self.log,
            names: self.shared.shared_names(),
            custody: self.shared.custody(),
        };
        self.group.look_ahead(&mut self.taken);
        for job in self.taken.drain(..) {
            self.group.take(job, &mut ground);
        }
    }

    /// Whether the group waits a moment for others, of whom some have come just now or none.
    fn expects_company(&mut self, have_come: bool) -> bool {
        let Group { jobs, bytes, .. } = self.group;
        let has_room = jobs < GROUP_COMMITS && bytes < GROUP_BYTES;
        let is_missed = has_room
            && self.group.wants_sync
            && self.company.is_missed(jobs, have_come, Instant::now);
        if is_missed && !have_come {
            std::thread::yield_now();
        }
        is_missed
    }

    /// One write and one sync; then everybody may see it.
    fn put_on_disk(&mut self) -> Result<(), StorageError> {
        self.group.check()?;
        let is_sync = self.group.wants_sync || self.is_sync_due();
        self.log.flush(is_sync)?;
        self.note_sync(is_sync);
        self.group.add_to(&self.shared.index);
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

    fn note_sync(&mut self, is_sync: bool) {
        if is_sync {
            self.unsynced_since = None;
        } else if !self.group.is_empty() {
            self.unsynced_since.get_or_insert_with(Instant::now);
        }
    }

    /// Puts buffered commits on the disk.
    fn sync(&mut self) {
        if self.unsynced_since.take().is_none() {
            return;
        }
        // Whoever waits for the disk looks again.
        match self.log.sync().and_then(|()| self.publish()) {
            Ok(()) => self.folder.wake(),
            Err(error) => self.shared.poison(&error),
        }
    }
}

impl Job {
    /// How much of a group it takes.
    fn bytes(&self) -> usize {
        match self {
            Self::Commit(commit, _) => commit.draft.bytes(),
            _ => 0,
        }
    }

    fn fail(self, error: &StorageError) {
        match self {
            Self::Commit(_, answer) => drop(answer.send(Err(error.clone().into()))),
            Self::Shred(_, answer) => drop(answer.send(Err(error.clone().into()))),
            Self::Reenroll(_, answer) => drop(answer.send(Err(error.clone().into()))),
            Self::Register(_, answer) | Self::Sync(answer) => {
                drop(answer.send(Err(error.clone().into())));
            }
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
