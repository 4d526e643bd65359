//! The processor: feeds registered projections, first what has been recorded, then what comes.

use std::fmt;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::runner::{ProjectionRunner, Runner};
use super::{HandlerError, Home, OnUnknown, Projection, ReadModel};
use crate::error::StorageError;
use crate::position::Position;
use crate::store::{RegisterError, Store};

/// How long a running processor leaves checkpoints unwritten that are only for looking at.
const REST_AFTER: Duration = Duration::from_secs(1);

/// Feeds projections: catches up with what has been recorded, then follows live.
///
/// Each projection has its own checkpoint. A handler that fails stops its projection, loudly and
/// at the event that failed; the others go on.
///
/// Handlers run on a thread of the processor's own, so they may take their time without holding
/// up an async runtime; none is needed.
#[must_use = "a processor handles nothing until `catch_up` or `run`"]
pub struct Processor {
    store: Store,
    runners: Vec<Arc<Mutex<dyn Runner>>>,
    statuses: Vec<Arc<Mutex<ProjectionStatus>>>,
}

/// How one projection stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// Its name.
    pub name: &'static str,
    /// Everything up to this position has been handled.
    pub position: Position,
    /// How many events it has passed over since it was registered: of retired types, and those that the program
    /// does not know where it was registered with [`OnUnknown::Skip`].
    pub skipped: u64,
    /// Whether it goes on.
    pub state: ProjectionState,
}

/// Whether a projection goes on.
#[derive(Clone, Debug)]
pub enum ProjectionState {
    /// It handles what comes.
    Running,
    /// A handler failed. It will be tried again when the program starts anew.
    Stopped {
        /// The event that could not be handled.
        position: Position,
        /// Why not.
        error: Arc<HandlerError>,
    },
}

/// Why the processor, or a projection, does not go on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessorError {
    /// Two projections have one name, under which their checkpoints would be kept.
    #[error("a projection called `{name}` is registered already; give this one another name")]
    SameName {
        /// The name.
        name: &'static str,
    },
    /// A projection that writes, on a store that was opened for reading.
    #[error(
        "projection `{name}` keeps its checkpoint in the store, which was opened read-only; \
         run it in the process that writes"
    )]
    ReadOnly {
        /// The projection.
        name: &'static str,
    },
    /// The events have another shape than those in the store.
    #[error(transparent)]
    Schema(#[from] RegisterError),
    /// A handler failed; all other projections have gone on.
    #[error("projection `{name}` stopped at position {position}: {error}")]
    Stopped {
        /// The projection.
        name: &'static str,
        /// The event that could not be handled.
        position: Position,
        /// Why not.
        error: Arc<HandlerError>,
    },
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Processor {
    /// A processor without projections.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            runners: Vec::new(),
            statuses: Vec::new(),
        }
    }

    /// Adds a projection and gives the read model that it feeds.
    ///
    /// Where it starts depends on where its read model [lives](Home): in memory, with the first
    /// event; in the store's tables or elsewhere, after its checkpoint.
    pub fn register<P: Projection>(
        &mut self,
        projection: P,
    ) -> Result<ReadModel<P>, ProcessorError> {
        self.register_with(projection, OnUnknown::Error)
    }

    /// Adds a projection as [`register`](Self::register) does, and says what it does with events that the program
    /// does not know.
    pub fn register_with<P: Projection>(
        &mut self,
        projection: P,
        on_unknown: OnUnknown<P>,
    ) -> Result<ReadModel<P>, ProcessorError> {
        if self.statuses().iter().any(|status| status.name == P::NAME) {
            return Err(ProcessorError::SameName { name: P::NAME });
        }
        if P::HOME != Home::Memory && self.store.is_read_only() {
            return Err(ProcessorError::ReadOnly { name: P::NAME });
        }
        for interest in P::interests() {
            self.store
                .check_schemas_for((interest.schemas)(), on_unknown.at_opening())?;
        }
        let position = match P::HOME {
            Home::Memory => Position::ZERO,
            Home::Tables | Home::Elsewhere => self.checkpoint(P::NAME)?,
        };
        let read_model = ReadModel::new(projection);
        let status = ProjectionStatus {
            name: P::NAME,
            position,
            skipped: 0,
            state: ProjectionState::Running,
        };
        let status = Arc::new(Mutex::new(status));
        let feed = Arc::clone(&read_model.projection);
        let runner = ProjectionRunner::new(feed, Arc::clone(&status), position, on_unknown);
        self.runners.push(Arc::new(Mutex::new(runner)));
        self.statuses.push(status);
        Ok(read_model)
    }

    /// Handles everything that has been recorded up to now, and gives the position of the last.
    ///
    /// If a projection stops, the others catch up all the same; then the first that stopped is
    /// the error.
    pub async fn catch_up(&mut self) -> Result<Position, ProcessorError> {
        let handlers = HandlerThread::start(&self.store, &self.runners)?;
        let head = self.store.head();
        // No checkpoint goes beyond what a power cut would leave.
        self.store.sync().await?;
        handlers.advance(head, Rest::Now).await?;
        self.first_stopped().map_or(Ok(head), Err)
    }

    /// Handles what has been recorded, then what comes, until every projection has stopped or the
    /// store fails. To end it earlier, drop the future: what was handled stays handled.
    pub async fn run(&mut self) -> Result<(), ProcessorError> {
        let handlers = HandlerThread::start(&self.store, &self.runners)?;
        let mut handled = Position::ZERO;
        loop {
            if let Some(error) = self.all_stopped() {
                return Err(error);
            }
            let head = match self.store.durable_after(handled).await {
                Err(error) if error.is_closed() => return Ok(()),
                head => head?,
            };
            handlers.advance(head, Rest::Later).await?;
            handled = head;
        }
    }

    /// How each projection stands, in the order in which they were registered.
    pub fn statuses(&self) -> Vec<ProjectionStatus> {
        self.statuses
            .iter()
            .map(|status| lock(status).clone())
            .collect()
    }

    fn checkpoint(&self, name: &str) -> Result<Position, StorageError> {
        let reached = self.store.readable()?.index.read()?.checkpoint(name)?;
        Ok(reached.map_or(Position::ZERO, |reached| reached.position))
    }

    fn first_stopped(&self) -> Option<ProcessorError> {
        self.statuses()
            .into_iter()
            .find_map(ProjectionStatus::into_error)
    }

    fn all_stopped(&self) -> Option<ProcessorError> {
        let statuses = self.statuses();
        let count = statuses.len();
        let mut errors: Vec<_> = statuses
            .into_iter()
            .filter_map(ProjectionStatus::into_error)
            .collect();
        (count > 0 && errors.len() == count).then(|| errors.swap_remove(0))
    }
}

impl ProjectionStatus {
    fn into_error(self) -> Option<ProcessorError> {
        match self.state {
            ProjectionState::Running => None,
            ProjectionState::Stopped { position, error } => Some(ProcessorError::Stopped {
                name: self.name,
                position,
                error,
            }),
        }
    }
}

impl fmt::Debug for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Processor")
            .field("projections", &self.statuses())
            .finish_non_exhaustive()
    }
}

/// Whether checkpoints that are only for looking at are written now, or when there is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Now,
    Later,
}

/// The thread on which handlers run. Dropping it waits for the batch at hand, so that the
/// thread never outlives the processor and keeps the store open.
struct HandlerThread {
    /// `None` only while it is dropped.
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

struct Task {
    target: Position,
    rest: Rest,
    done: oneshot::Sender<Result<(), StorageError>>,
}

impl HandlerThread {
    fn start(store: &Store, runners: &[Arc<Mutex<dyn Runner>>]) -> Result<Self, StorageError> {
        let (tasks, receiver) = channel::<Task>();
        let (store, runners) = (store.clone(), runners.to_vec());
        let path = store.path().to_owned();
        let run = move || {
            let mut rested = Instant::now();
            for task in receiver {
                let done = advance(&store, &runners, &task, &mut rested);
                let _ = task.done.send(done);
            }
        };
        let thread = std::thread::Builder::new()
            .name("varve-processor".into())
            .spawn(run);
        let thread = thread.map_err(|e| StorageError::io("start a thread for", &path, e))?;
        Ok(Self {
            tasks: Some(tasks),
            thread: Some(thread),
        })
    }

    async fn advance(&self, target: Position, rest: Rest) -> Result<(), StorageError> {
        let (done, answer) = oneshot::channel();
        let task = Task { target, rest, done };
        let sent = self.tasks.as_ref().map(|tasks| tasks.send(task));
        if !matches!(sent, Some(Ok(()))) {
            return Err(StorageError::closed());
        }
        answer.await.map_err(|_| StorageError::closed())?
    }
}

impl Drop for HandlerThread {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the processor's thread panicked");
        }
    }
}

/// Takes turns between the projections, so that a slow one does not keep the others back.
fn advance(
    store: &Store,
    runners: &[Arc<Mutex<dyn Runner>>],
    task: &Task,
    rested: &mut Instant,
) -> Result<(), StorageError> {
    let mut has_more = true;
    while has_more && !task.done.is_closed() {
        has_more = false;
        for runner in runners {
            has_more |= lock(runner).advance(store, task.target)?;
        }
    }
    if task.rest == Rest::Now || rested.elapsed() > REST_AFTER {
        *rested = Instant::now();
        runners
            .iter()
            .try_for_each(|runner| lock(runner).rest(store))?;
    }
    Ok(())
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
