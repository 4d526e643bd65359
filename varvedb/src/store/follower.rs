//! What keeps a reading process level with the one that writes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::shared::Shared;
use super::shared_head::SharedHead;
use crate::error::StorageError;
use crate::log::Frame;
use crate::position::Position;

/// How often the writer's head is looked at for those who wait.
const PAUSE: Duration = Duration::from_millis(5);

/// How long the same bytes stay no frame, while a writing process says that they are one, before
/// that is called damage. A frame is written before the head says so: looking twice would do.
const PATIENCE: Duration = Duration::from_millis(500);

/// Follows the log as another process writes it.
#[derive(Debug)]
pub(crate) struct Follower {
    shared: Arc<Shared>,
    head: SharedHead,
    /// One at a time takes frames in; since when there is none where one should be.
    turn: Mutex<Option<Instant>>,
}

impl Follower {
    pub(crate) fn new(shared: Arc<Shared>, head: SharedHead) -> Self {
        Self {
            shared,
            head,
            turn: Mutex::default(),
        }
    }

    /// Takes in what the writing process has published since the last time.
    /// When it cannot, every later call fails: a reader that went on would never hear of a commit.
    pub(crate) fn refresh(&self) {
        if let Err(error) = self.catch_up() {
            self.shared.poison(&error);
        }
    }

    /// Fails where a process writes that cannot know what is looked at here: it would overwrite it.
    pub(crate) fn check_mount(&self) -> Result<(), StorageError> {
        if self.shared.index.is_registered() || !self.head.has_writer()? {
            return Ok(());
        }
        let unseen = "it is mounted read-only here, so that the process that writes to it cannot know \
                      what is being read and would overwrite it; read it through a mount that can be \
                      written to, or while nobody writes";
        let unseen = io::Error::new(io::ErrorKind::ReadOnlyFilesystem, unseen);
        Err(StorageError::io("follow", self.head.dir(), unseen))
    }

    fn catch_up(&self) -> Result<(), StorageError> {
        self.check_mount()?;
        match self.head.read()? {
            Some(head) if head > self.shared.head() => {
                let mut stuck_since = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                self.follow(head, &mut stuck_since)
            }
            _ => Ok(()),
        }
    }

    fn follow(
        &self,
        head: Position,
        stuck_since: &mut Option<Instant>,
    ) -> Result<(), StorageError> {
        let shared = &self.shared;
        let before = shared.log.end().place;
        let missing = shared
            .log
            .follow(head, &mut |frame| take_in(shared, frame))?;
        shared.index.drop_folded()?;
        let end = shared.log.end();
        shared.publish(end.position);
        match missing {
            Some(damage) if end.place == before => self.doubt(damage, stuck_since),
            _ => {
                *stuck_since = None;
                Ok(())
            }
        }
    }

    /// Frames do not come that were promised. A head without a living writer promises nothing:
    /// it may be from before a power cut.
    fn doubt(
        &self,
        damage: StorageError,
        stuck_since: &mut Option<Instant>,
    ) -> Result<(), StorageError> {
        let since = stuck_since.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return Ok(());
        }
        *stuck_since = None;
        let is_promised =
            self.head.has_writer()? && self.head.read()? > Some(self.shared.log.end().position);
        if is_promised {
            return Err(damage);
        }
        Ok(())
    }
}

fn take_in(shared: &Shared, frame: &Frame<'_>) -> Result<(), StorageError> {
    super::open::take_in(shared.shared_names(), &shared.index, frame)
}

/// The thread that refreshes a follower until it is dropped.
#[derive(Debug)]
pub(crate) struct FollowerThread {
    follower: Arc<Follower>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FollowerThread {
    pub(crate) fn start(follower: Follower) -> io::Result<Self> {
        let (follower, stop) = (Arc::new(follower), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::Builder::new()
            .name("varve-follower".into())
            .spawn({
                let (follower, stop) = (Arc::clone(&follower), Arc::clone(&stop));
                move || {
                    while !stop.load(Ordering::Relaxed) {
                        follower.refresh();
                        std::thread::park_timeout(PAUSE);
                    }
                }
            })?;
        Ok(Self {
            follower,
            stop,
            thread: Some(thread),
        })
    }

    pub(crate) fn refresh(&self) {
        self.follower.refresh();
    }

    /// Does not wait for the thread when dropped.
    pub(crate) fn abandon(&mut self) {
        std::mem::forget(self.thread.take());
    }
}

impl Drop for FollowerThread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread that follows the log panicked");
            }
        }
    }
}
