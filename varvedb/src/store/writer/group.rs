//! One group: commits that are laid together, written and synced once, and answered together.

use tokio::sync::oneshot;
use uuid::{NoContext, Uuid};

use super::admission::Admission;
use super::naming::Naming;
use super::{Job, NewSchema, Written};
use crate::clock::Timestamp;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::index::{Index, TailCommit, TailRun};
use crate::log::{DraftStream, LaidFrame, Laying, LogWriter};
use crate::position::{Place, Position};
use crate::store::append::{AppendError, Durability, NewCommit, StreamAppend};
use crate::store::names::SharedNames;

/// Places for which memory is kept from group to group.
const KEPT_PLACES: usize = 65_536;

type Answer<T> = oneshot::Sender<Result<T, AppendError>>;

/// The group at hand, and who waits for it. One is used again and again, for its memory.
#[derive(Debug)]
pub(super) struct Group {
    admission: Admission,
    commits: Vec<LaidCommit>,
    /// Commits in conflict. They hear of it when everybody can see what they conflict with: who loads
    /// again must not find the old version, decide in vain, and keep the group busy.
    conflicts: Vec<(AppendError, Answer<Written>)>,
    /// Where each event of the commits is.
    places: Vec<Place>,
    /// Registrations and syncs.
    others: Vec<Answer<()>>,
    /// Each with the position it lies before.
    definitions: Vec<(Position, Vec<Definition>)>,
    /// When the group was begun: the time of its commits.
    time: Timestamp,
    /// How many jobs and bytes were taken.
    pub(super) jobs: usize,
    pub(super) bytes: usize,
    /// Somebody waits for the disk.
    pub(super) wants_sync: bool,
    /// The log failed meanwhile: nothing of this group may be answered as written.
    failure: Option<StorageError>,
}

/// A commit in the group.
#[derive(Debug)]
struct LaidCommit {
    commit: NewCommit,
    frame: LaidFrame,
    answer: Answer<Written>,
}

/// What a group is laid into.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) log: &'a mut LogWriter,
    pub(super) names: &'a SharedNames,
}

impl Group {
    pub(super) fn new(admission: Admission) -> Self {
        Self {
            admission,
            commits: Vec::new(),
            conflicts: Vec::new(),
            places: Vec::new(),
            others: Vec::new(),
            definitions: Vec::new(),
            time: Timestamp::default(),
            jobs: 0,
            bytes: 0,
            wants_sync: false,
            failure: None,
        }
    }

    /// Begins the next group, when the last one is in the index.
    pub(super) fn begin(&mut self, time: Timestamp) {
        self.admission.begin();
        self.commits.clear();
        self.conflicts.clear();
        self.places.clear();
        self.places.shrink_to(KEPT_PLACES);
        self.others.clear();
        self.definitions.clear();
        self.time = time;
        (self.jobs, self.bytes) = (0, 0);
        self.wants_sync = false;
        self.failure = None;
    }

    /// Lays what the job asks for, or refuses it at once.
    pub(super) fn take(&mut self, job: Job, ground: &mut Ground<'_>) {
        self.jobs += 1;
        match job {
            Job::Commit(commit, answer) => self.take_commit(commit, answer, ground),
            Job::Register(schemas, answer) => self.take_registration(&schemas, answer, ground),
            Job::Sync(answer) => self.take_sync(answer),
        }
    }

    /// Whether nothing was laid.
    pub(super) fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.definitions.is_empty()
    }

    /// Fails if the log did while the group was laid.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Puts what was written into the tail of the index.
    pub(super) fn add_to(&self, index: &Index) -> Result<(), StorageError> {
        for (before, definitions) in &self.definitions {
            index.add_definitions(*before, definitions);
        }
        let mut places = self.places.as_slice();
        index.add(self.commits.iter().map(|commit| {
            let (own, behind) = places
                .split_at_checked(commit.commit.draft.events())
                .unwrap_or_default();
            places = behind;
            commit.in_tail(own)
        }))
    }

    /// Answers everybody with what was written. Whoever has stopped waiting has no use for it.
    pub(super) fn answer(&mut self) {
        for LaidCommit {
            commit,
            frame,
            answer,
        } in self.commits.drain(..)
        {
            let first_position = frame.first;
            let _ = answer.send(Ok(Written {
                commit,
                first_position,
            }));
        }
        for (conflict, answer) in self.conflicts.drain(..) {
            let _ = answer.send(Err(conflict));
        }
        for answer in self.others.drain(..) {
            let _ = answer.send(Ok(()));
        }
    }

    /// Answers everybody with the failure.
    pub(super) fn fail(&mut self, failure: &StorageError) {
        let commits = self.commits.drain(..).map(|commit| commit.answer);
        let conflicts = self.conflicts.drain(..).map(|(_, answer)| answer);
        for answer in commits.chain(conflicts) {
            let _ = answer.send(Err(failure.clone().into()));
        }
        for answer in self.others.drain(..) {
            let _ = answer.send(Err(failure.clone().into()));
        }
    }

    fn take_commit(
        &mut self,
        mut commit: NewCommit,
        answer: Answer<Written>,
        ground: &mut Ground<'_>,
    ) {
        if let Some(import) = commit.import
            && import.first != ground.log.next_position()
        {
            // The one before it was refused, and whoever waits has heard why.
            return;
        }
        self.bytes += commit.draft.bytes();
        let naming = match self.admission.admit(&mut commit) {
            Ok(naming) => naming,
            Err(error @ AppendError::Conflict(_)) => {
                return self.conflicts.push((error, answer));
            }
            // Nothing was laid, so it concerns nobody else, not even if the index cannot be read.
            Err(error) => return drop(answer.send(Err(error))),
        };
        match self.lay(&commit, naming, ground) {
            Ok(frame) => {
                self.admission.laid(&commit);
                self.wants_sync |= commit.durability == Durability::Sync;
                self.commits.push(LaidCommit {
                    commit,
                    frame,
                    answer,
                });
            }
            Err(error) => self.refuse(error, answer),
        }
    }

    fn take_sync(&mut self, answer: Answer<()>) {
        self.wants_sync = true;
        self.others.push(answer);
    }

    fn take_registration(
        &mut self,
        schemas: &[NewSchema],
        answer: Answer<()>,
        ground: &mut Ground<'_>,
    ) {
        match self.register(schemas, ground) {
            Ok(()) => self.take_sync(answer),
            Err(error) => self.refuse(error, answer),
        }
    }

    fn refuse<T>(&mut self, error: AppendError, answer: Answer<T>) {
        if let AppendError::Storage(failure) = &error {
            self.failure.get_or_insert_with(|| failure.clone());
        }
        let _ = answer.send(Err(error));
    }

    fn register(
        &mut self,
        schemas: &[NewSchema],
        ground: &mut Ground<'_>,
    ) -> Result<(), AppendError> {
        let mut naming = self.admission.naming();
        for NewSchema {
            type_name,
            revision,
            text,
        } in schemas
        {
            let type_id = naming.type_id(type_name)?;
            naming.schema(type_id, *revision, text);
        }
        self.define(naming, ground)
    }

    /// Lays the names that are new, before whatever uses them.
    fn define(&mut self, naming: Naming, ground: &mut Ground<'_>) -> Result<(), AppendError> {
        let Naming { names, definitions } = naming;
        if !definitions.is_empty() {
            self.admission.define(ground.names, names);
            let before = ground.log.define(&definitions)?;
            self.definitions.push((before, definitions));
        }
        Ok(())
    }

    fn lay(
        &mut self,
        commit: &NewCommit,
        naming: Naming,
        ground: &mut Ground<'_>,
    ) -> Result<LaidFrame, AppendError> {
        if !naming.definitions.is_empty() {
            // Names become known only when nothing can refuse the commit any more.
            laying(commit, &self.admission.types, self.time).check()?;
            self.define(naming, ground)?;
        }
        let laying = laying(commit, &self.admission.types, self.time);
        Ok(ground.log.lay(&laying, &mut self.places)?)
    }
}

impl LaidCommit {
    fn in_tail<'a>(
        &'a self,
        places: &'a [Place],
    ) -> TailCommit<'a, impl Iterator<Item = TailRun<'a>>> {
        let LaidFrame { first, place, end } = self.frame;
        TailCommit {
            place,
            end,
            first,
            runs: self.commit.streams.iter().map(tail_run),
            places,
        }
    }
}

fn tail_run(append: &StreamAppend) -> TailRun<'_> {
    TailRun {
        category: append.admitted.category,
        key: append.stream.key().as_ref(),
        first_version: append.admitted.first_version,
        events: append.events,
    }
}

fn laying<'a>(
    commit: &'a NewCommit,
    types: &'a [u32],
    time: Timestamp,
) -> Laying<'a, impl Iterator<Item = DraftStream<'a>> + Clone> {
    let streams = commit.streams.iter().map(|append| DraftStream {
        category: append.admitted.category,
        key: append.stream.key().as_ref(),
        first_version: append.admitted.first_version,
        events: append.events,
    });
    let (id, time) = match commit.import {
        Some(import) => (import.id, import.time),
        None => (commit_id(time), time),
    };
    Laying {
        id,
        time,
        draft: &commit.draft,
        types,
        streams,
    }
}

/// The id of a commit's first event; the others count on from it.
fn commit_id(time: Timestamp) -> Uuid {
    let micros = u64::try_from(time.as_micros()).unwrap_or(0);
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(
        NoContext,
        micros / 1_000_000,
        nanos,
    ))
}
