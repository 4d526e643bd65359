//! The folder thread: carries what is committed from the tail into the index, in large
//! transactions, and holds the writer back when it cannot follow.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::shared::Shared;
use crate::error::StorageError;

/// How long a tail that has not enough for a transaction must have been left alone. Folding takes the
/// disk and a core from those who append, so it is done when they pause.
const QUIET: Duration = Duration::from_secs(1);

/// How long a tail waits at most that is never left alone. What is not folded when a process dies is
/// read from the log by the next opening.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a writer without room looks whether there is some.
const LOOK: Duration = Duration::from_millis(50);

/// How long to wait after a failure, such as a full disk, before trying again.
const PAUSE: Duration = Duration::from_millis(500);

/// The writer's end of the folder thread. Dropping it folds what is left and ends the thread.
#[derive(Debug)]
pub(crate) struct Folder {
    signal: Arc<Signal>,
    shared: Arc<Shared>,
    limits: Limits,
    thread: Option<JoinHandle<()>>,
}

/// How many events the tail should have.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Above this, the writer waits.
    most: usize,
    /// So many are worth a transaction at once, and it carries no more.
    ///
    /// A transaction writes nearly as many pages for few events as for many, so it is half of what the tail
    /// may have: the other half is room for what comes meanwhile.
    enough: usize,
}

impl Limits {
    /// Whether there is enough. Of what is not synced nothing can be folded, however much it is: what a
    /// power cut may take from the log, the index must not know.
    fn are_reached(self, shared: &Shared) -> bool {
        shared.index.tail_events_through(shared.log.synced()) >= self.enough
    }
}

/// What the two threads tell each other.
#[derive(Debug, Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    has_work: bool,
    has_enough: bool,
    is_closing: bool,
    failure: Option<StorageError>,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, at_most: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, at_most);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Folder {
    /// Starts the thread. The writer is held back above `max_tail_events`.
    pub(crate) fn start(shared: Arc<Shared>, max_tail_events: usize) -> std::io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let limits = Limits {
            most: max_tail_events,
            enough: max_tail_events.div_ceil(2),
        };
        let thread = std::thread::Builder::new()
            .name("varve-folder".into())
            .spawn({
                let (shared, signal) = (Arc::clone(&shared), Arc::clone(&signal));
                move || run(&shared, &signal, limits)
            })?;
        Ok(Self {
            signal,
            shared,
            limits,
            thread: Some(thread),
        })
    }

    /// Says that the tail has grown. Wakes the thread only when there is something new for it to
    /// know: a wake-up per commit would cost the writer more than the folds themselves.
    pub(crate) fn wake(&self) {
        let is_much = self.limits.are_reached(&self.shared);
        let mut state = self.signal.lock();
        if !state.has_work || (is_much && !state.has_enough) {
            state.has_work = true;
            state.has_enough = is_much;
            self.signal.changed.notify_all();
        }
    }

    /// Whether the tail has more events than it may have.
    pub(crate) fn is_overfull(&self) -> bool {
        self.shared.index.tail_events() > self.limits.most
    }

    /// Waits until the tail has room. Fails while it has none and folding fails, so that memory
    /// stays bounded; once folding works again, so does this.
    pub(crate) fn wait_for_room(&self) -> Result<(), StorageError> {
        let mut state = self.signal.lock();
        while self.is_overfull() {
            if let Some(failure) = &state.failure {
                return Err(failure.clone());
            }
            // A full tail has enough, however few events that are: no more can come.
            (state.has_work, state.has_enough) = (true, true);
            self.signal.changed.notify_all();
            state = self.signal.wait(state, LOOK);
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.signal.lock().is_closing = true;
        self.signal.changed.notify_all();
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the folder thread panicked; the next open will fold what it left");
        }
    }
}

/// Tells the writer when the thread panics: a tail that nobody folds would keep it waiting.
struct PanicGuard<'a>(&'a Signal);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().failure = Some(StorageError::panicked("the folder thread"));
            self.0.changed.notify_all();
        }
    }
}

fn run(shared: &Shared, signal: &Signal, limits: Limits) {
    let _guard = PanicGuard(signal);
    loop {
        let is_closing = wait_for_work(shared, signal);
        let folded = fold(shared, signal, limits, is_closing);
        let mut state = signal.lock();
        // What has come meanwhile waits for company like everything else. Whoever called it enough counted
        // what was being folded, too; a writer without room says so again.
        let left = shared.index.tail_events();
        state.has_work |= folded.is_err() || left > 0;
        state.has_enough = limits.are_reached(shared);
        state.failure = folded.err();
        signal.changed.notify_all();
        if is_closing {
            return;
        }
        if state.failure.is_some() {
            drop(signal.wait(state, PAUSE));
        }
    }
}

/// Since when the tail has had so many events.
struct Quiet {
    since: Instant,
    events: usize,
}

impl Quiet {
    fn since(since: Instant, events: usize) -> Self {
        Self { since, events }
    }

    /// How long that has been so, now that there are so many.
    fn lasts(&mut self, now: Instant, events: usize) -> Duration {
        if events != self.events {
            *self = Self::since(now, events);
        }
        now - self.since
    }
}

/// Waits for enough events, or for a few that have been left alone. True when closing.
fn wait_for_work(shared: &Shared, signal: &Signal) -> bool {
    let mut state = signal.lock();
    // Nobody is woken for a snapshot: the next fold takes it along, or this look once a second.
    while !state.has_work && !state.is_closing && !shared.index.has_waiting_snapshots() {
        state = signal.wait(state, Duration::from_secs(1));
    }
    let begun = Instant::now();
    let mut quiet = Quiet::since(begun, shared.index.tail_events());
    while !state.has_enough && !state.is_closing && begun.elapsed() < PATIENCE {
        let now = Instant::now();
        if quiet.lasts(now, shared.index.tail_events()) >= QUIET {
            break;
        }
        state = signal.wait(state, QUIET);
    }
    state.has_work = false;
    state.has_enough = false;
    state.is_closing
}

/// Folds until there is not enough left for another transaction; when closing, until nothing is.
///
/// To fold whatever had come during the last fold, however little, took half of all appends of 512
/// callers: a transaction writes nearly as many pages for few events as for many.
fn fold(
    shared: &Shared,
    signal: &Signal,
    limits: Limits,
    is_closing: bool,
) -> Result<(), StorageError> {
    loop {
        match shared
            .index
            .fold_through(limits.enough, shared.log.synced())
        {
            Ok(0) => return Ok(()),
            Ok(_) => signal.changed.notify_all(),
            Err(error) => {
                tracing::error!(%error, "could not fold into the index, will try again");
                return Err(error);
            }
        }
        if !is_closing && !limits.are_reached(shared) {
            return Ok(());
        }
    }
}
