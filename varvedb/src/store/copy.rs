//! Copying a store as it should have been: every event read, decided on, and written anew.
//!
//! The copy itself is the record of how far it came. A run reads the source from its beginning,
//! compares what it would write with what the target holds, and appends where the target ends; so
//! going on after a crash needs no note that could be wrong, and a target that is something else
//! is found out at its first event that differs.

mod commits;
mod error;
mod outgoing;
mod place;
mod report;
mod rewrite;
mod target;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

pub use self::error::CopyError;
use self::outgoing::{Fates, outgoing};
pub use self::report::{CopyProgress, CopyReport};
use self::rewrite::Fate;
pub use self::rewrite::{Rewrite, RewriteError};
use self::target::Target;
use super::{Store, StoreOptions};
use crate::event::RecordedEvent;
use crate::position::Position;

/// Events between two reports of progress.
const STEP_EVENTS: u64 = 4096;

type Map<'a> = Box<dyn FnMut(&RecordedEvent<'_>) -> Result<Rewrite, RewriteError> + 'a>;
type Report<'a> = Box<dyn FnMut(CopyProgress) + 'a>;

/// A copy of a whole store into a new one, to be carried out by [`run`](Self::run).
///
/// For each event a function decides whether it is kept as it is, left out, or changed. Event ids,
/// commit times and metadata stay; events of one commit stay one commit; the layouts of the types
/// that are used come along. **Positions and versions are counted anew**: where events are left out
/// or moved, what follows has lower ones, so that whoever keeps positions elsewhere starts again.
/// The source is only read.
///
/// ```
/// # use varvedb::{ExpectedVersion, NewEvent, Rewrite, StreamId, TypeName};
/// # let dir = tempfile::tempdir()?;
/// # let new_path = dir.path().join("new.varve");
/// # let store = varvedb::blocking::Store::open(dir.path().join("old.varve"))?;
/// # let tried = NewEvent::new(TypeName::new("book.tried")?, *b"");
/// # store.append(&StreamId::new("book", 1)?, ExpectedVersion::Any, [tried])?;
/// let lent = TypeName::new("book.lent")?;
/// let report = store
///     .copy_to(&new_path)
///     .map(|event| match event.type_name() {
///         "book.tried" => Ok(Rewrite::drop()),
///         "book.borrowed" => Ok(Rewrite::keep().with_type(&lent)),
///         _ => Ok(Rewrite::keep()),
///     })
///     .run()?;
/// assert_eq!((report.read, report.dropped), (1, 1));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is copied until `run`"]
pub struct CopyTo<'a> {
    source: &'a Store,
    path: PathBuf,
    options: StoreOptions,
    map: Map<'a>,
    on_progress: Option<Report<'a>>,
    /// The layouts that events were read in and that were compared with the source's, by their place.
    compared: HashSet<usize>,
}

impl Store {
    /// Copies this store, which may be open for reading beside its writer, into a new one.
    ///
    /// Without [`map`](CopyTo::map) all events are copied as they are: into segments of another
    /// size, say, or for a backup of a store that is in use. It is another store, with an id of its own.
    pub fn copy_to(&self, path: impl AsRef<Path>) -> CopyTo<'_> {
        CopyTo {
            source: self,
            path: path.as_ref().to_owned(),
            options: Self::options(),
            map: Box::new(|_| Ok(Rewrite::keep())),
            on_progress: None,
            compared: HashSet::new(),
        }
    }
}

impl<'a> CopyTo<'a> {
    /// Says what becomes of each event. It is asked several times of the same event, in this run and
    /// in one that goes on after it, and always has to give the same answer.
    ///
    /// An error ends the run; what was copied before stays, and the next run goes on there.
    pub fn map(
        mut self,
        map: impl FnMut(&RecordedEvent<'_>) -> Result<Rewrite, RewriteError> + 'a,
    ) -> Self {
        self.map = Box::new(map);
        self
    }

    /// Hears how far the copy has come, every few thousand events.
    pub fn on_progress(mut self, report: impl FnMut(CopyProgress) + 'a) -> Self {
        self.on_progress = Some(Box::new(report));
        self
    }

    /// How the new store is opened; as [`Store::open`] does it by default.
    ///
    /// No key is needed, and a key vault that is named here is left alone: boxes are copied shut. Open the copy with
    /// [`VaultOptions::adopt`](crate::VaultOptions::adopt) when the vault is to belong to it from then on.
    pub fn options(mut self, options: StoreOptions) -> Self {
        self.options = options;
        self
    }

    /// Copies up to the head that the source has now, then reads both stores and compares them
    /// event by event: id, time, stream, type, revision, layout, metadata, payload and order. It
    /// blocks until that is done: an async program calls it on a thread that may.
    ///
    /// A run that was stopped, by whatever, goes on when the same call is made again; and so does
    /// one that was finished, with what the source has got since. What the target holds already is
    /// compared first, at the speed of reading.
    ///
    /// What another process has appended as [`Durability::Buffered`](crate::Durability) may be copied
    /// before it is on the source's disk. If a power cut takes it back there, the copy holds more than the
    /// source, and is refused.
    pub fn run(mut self) -> Result<CopyReport, CopyError> {
        place::check(self.source, &self.path)?;
        pollster::block_on(self.source.sync())?;
        self.source.readable()?;
        let head = self.source.head();
        let target = self.options.clone().shut().open(&self.path)?;
        let mut report = CopyReport::new(head, target.head());
        self.walk(&mut Target::open(&target), &mut report)?;
        pollster::block_on(target.sync())?;
        self.walk(&mut Target::finished(&target), &mut report.clone())?;
        report.written = target.head().get() - report.found;
        Ok(report)
    }

    /// Goes through the source, and with it through the target.
    fn walk(&mut self, target: &mut Target<'_>, report: &mut CopyReport) -> Result<(), CopyError> {
        let shared = self.source.readable()?;
        let (log, names) = (shared.log.snapshot(), shared.names());
        let (there, there_names) = target.shown()?;
        let mut found = commits::commits(&there, (&there_names, None), Position::new(u64::MAX));
        let mut read = report.clone();
        (read.read, read.kept, read.changed, read.dropped) = (0, 0, 0, 0);
        let mut told = 0;
        let shown = (&*names, shared.boxes());
        for commit in commits::commits(&log, shown, report.head) {
            let commit = commit?;
            let fates = Fates::decide(&commit, &mut read, |event| self.fate(event))?;
            let events = outgoing(&commit, &fates, &names);
            if !events.is_empty() {
                target.meet(found.next().transpose()?.as_deref(), &events, &there_names)?;
            }
            if read.read - told >= STEP_EVENTS
                || commit.last().is_some_and(|e| e.position() == report.head)
            {
                told = read.read;
                self.tell(target.is_finished(), &commit, report.head);
            }
        }
        target.end(found.next().transpose()?.as_deref())?;
        *report = read;
        Ok(())
    }

    /// What becomes of an event, if the source has it in the layout in which it was read.
    fn fate(&mut self, event: &RecordedEvent<'_>) -> Result<Fate, CopyError> {
        let position = event.position();
        let rewrite = (self.map)(event).map_err(|source| CopyError::Map { position, source })?;
        if let Some(schemas) = rewrite.read_as
            && self.compared.insert(schemas.as_ptr().addr())
        {
            self.source.check_schemas(schemas)?;
        }
        Ok(rewrite.fate)
    }

    fn tell(&mut self, is_verifying: bool, commit: &[RecordedEvent<'_>], head: Position) {
        let position = commit
            .last()
            .map_or(Position::ZERO, RecordedEvent::position);
        if let Some(report) = &mut self.on_progress {
            report(CopyProgress {
                is_verifying,
                position,
                head,
            });
        }
    }
}

impl fmt::Debug for CopyTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyTo")
            .field("source", &self.source.path())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
