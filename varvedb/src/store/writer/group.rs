//! One group: commits that are laid together, written and synced once, and answered together.

use tokio::sync::oneshot;

use super::admission::Admission;
use super::naming::Naming;
use super::{EnrolAnswer, Job, NewSchema, ShredAnswer, Written};
use crate::clock::Timestamp;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::index::{Index, StreamName, TailCommit, TailRun};
use crate::log::{DraftStream, LaidFrame, Laying, LogWriter};
use crate::pii::Subject;
use crate::position::{Place, Position};
use crate::store::append::{AppendError, Durability};
use crate::store::names::SharedNames;
use crate::store::privacy::{Custody, ShredError, ShredRequest, Shredded, SubjectEvent};
use crate::store::unwritten::{StreamAppend, Unwritten, commit_id};
use crate::vault::Erased;

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
    /// Shreds of which the log knows already, and what they have come to.
    repeated: Vec<(Shredded, ShredAnswer)>,
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
    commit: Box<Unwritten>,
    frame: LaidFrame,
    waiting: Waiting,
}

/// Who waits for a commit.
#[derive(Debug)]
enum Waiting {
    Caller(Answer<Written>),
    /// Whoever had keys erased, which has been done.
    Shred(Box<(Subject, Erased)>, ShredAnswer),
    Reenrolment(EnrolAnswer),
}

/// What a group is laid into.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) log: &'a mut LogWriter,
    pub(super) names: &'a SharedNames,
    pub(super) custody: Option<&'a Custody>,
}

impl Group {
    pub(super) fn new(admission: Admission) -> Self {
        Self {
            admission,
            commits: Vec::new(),
            conflicts: Vec::new(),
            places: Vec::new(),
            repeated: Vec::new(),
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
        self.repeated.clear();
        self.places.clear();
        self.places.shrink_to(KEPT_PLACES);
        self.others.clear();
        self.definitions.clear();
        self.time = time;
        (self.jobs, self.bytes) = (0, 0);
        self.wants_sync = false;
        self.failure = None;
    }

    /// Looks at the streams of what is laid next.
    pub(super) fn look_ahead(&self, jobs: &mut [Job]) {
        let commits = jobs.iter_mut().filter_map(|job| match job {
            Job::Commit(commit, _) => Some(&mut **commit),
            _ => None,
        });
        self.admission.look_ahead(commits);
    }

    /// Lays what the job asks for, or refuses it at once.
    pub(super) fn take(&mut self, job: Job, ground: &mut Ground<'_>) {
        self.jobs += 1;
        match job {
            Job::Commit(commit, answer) => self.take_commit(commit, answer, ground),
            Job::Register(schemas, answer) => self.take_registration(&schemas, answer, ground),
            Job::Shred(request, answer) => self.take_shred(request, answer, ground),
            Job::Reenroll(request, answer) => self.take_reenrolment(&request, answer, ground),
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
    pub(super) fn add_to(&self, index: &Index) {
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
        }));
    }

    /// Answers everybody with what was written. Whoever has stopped waiting has no use for it.
    pub(super) fn answer(&mut self) {
        for LaidCommit {
            commit,
            frame,
            waiting,
        } in self.commits.drain(..)
        {
            waiting.answer(commit, frame.first);
        }
        for (shredded, answer) in self.repeated.drain(..) {
            let _ = answer.send(Ok(shredded));
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
        for commit in self.commits.drain(..) {
            commit.waiting.fail(failure.clone().into());
        }
        for (_, answer) in self.conflicts.drain(..) {
            let _ = answer.send(Err(failure.clone().into()));
        }
        for (_, answer) in self.repeated.drain(..) {
            let _ = answer.send(Err(failure.clone().into()));
        }
        for answer in self.others.drain(..) {
            let _ = answer.send(Err(failure.clone().into()));
        }
    }

    fn take_commit(
        &mut self,
        mut commit: Box<Unwritten>,
        answer: Answer<Written>,
        ground: &mut Ground<'_>,
    ) {
        if let Some(import) = commit.import
            && import.first != ground.log.next_position()
        {
            // The one before it was refused, and whoever waits has heard why.
            return;
        }
        if let Some(custody) = ground.custody
            && let Err(error) = custody.check_live(&commit.keys)
        {
            return drop(answer.send(Err(error)));
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
        self.lay_admitted(commit, naming, Waiting::Caller(answer), ground);
    }

    /// Gives the position of its first event, if it is laid.
    fn lay_admitted(
        &mut self,
        commit: Box<Unwritten>,
        naming: Option<Naming>,
        waiting: Waiting,
        ground: &mut Ground<'_>,
    ) -> Option<Position> {
        match self.lay(&commit, naming, ground) {
            Ok(frame) => {
                let first = frame.first;
                self.admission.laid();
                self.wants_sync |= commit.durability == Durability::Sync;
                self.commits.push(LaidCommit {
                    commit,
                    frame,
                    waiting,
                });
                Some(first)
            }
            Err(error) => {
                self.note_failure(&error);
                waiting.fail(error);
                None
            }
        }
    }

    /// The keys first: they are gone before anybody is told of it, and if the log cannot be told, the next
    /// opening does it.
    fn take_shred(&mut self, request: ShredRequest, answer: ShredAnswer, ground: &mut Ground<'_>) {
        let Some(custody) = ground.custody else {
            return drop(answer.send(Err(ShredError::NoVault)));
        };
        let purpose = request.purpose.as_deref();
        let erased = match request.finishes {
            None => custody.vault.erase(&request.subject, purpose),
            Some(last) => custody
                .vault
                .finish_erasure(&request.subject, purpose, last),
        };
        let erased = match erased {
            Ok(erased) => erased,
            Err(error) => return drop(answer.send(Err(request.refused(error)))),
        };
        let scope = (&request.subject, purpose);
        if let Some(position) = custody.shreds().complete(scope, &erased.keys) {
            // It may have been laid a moment ago.
            self.wants_sync = true;
            return self.repeated.push((Shredded { erased, position }, answer));
        }
        let (event, recorded) = (request.event(&erased), request.recorded(&erased));
        let waiting = Waiting::Shred(Box::new((request.subject, erased)), answer);
        if let Some(position) = self.lay_own(&event, waiting, ground) {
            custody.shreds().note(&recorded, position);
        }
    }

    /// The vault first here, too: who hears of it may append at once.
    fn take_reenrolment(
        &mut self,
        request: &ShredRequest,
        answer: EnrolAnswer,
        ground: &mut Ground<'_>,
    ) {
        let Some(custody) = ground.custody else {
            return drop(answer.send(Err(ShredError::NoVault)));
        };
        let (subject, purpose) = (&request.subject, request.purpose.as_deref());
        if let Err(error) = custody.vault.reenroll(subject, purpose) {
            return drop(answer.send(Err(request.refused(error))));
        }
        let waiting = Waiting::Reenrolment(answer);
        if let Some(position) = self.lay_own(&request.enrolment(), waiting, ground) {
            custody.shreds().enroll(subject, purpose, position);
        }
    }

    /// Lays an event of the store's own. Gives its position, if it is laid.
    fn lay_own(
        &mut self,
        event: &SubjectEvent,
        waiting: Waiting,
        ground: &mut Ground<'_>,
    ) -> Option<Position> {
        let admitted = event.commit().and_then(|mut commit| {
            let naming = self.admission.admit(&mut commit)?;
            Ok((commit, naming))
        });
        match admitted {
            Ok((commit, naming)) => self.lay_admitted(commit, naming, waiting, ground),
            Err(error) => {
                waiting.fail(error);
                None
            }
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
        self.note_failure(&error);
        let _ = answer.send(Err(error));
    }

    fn note_failure(&mut self, error: &AppendError) {
        if let AppendError::Storage(failure) = error {
            self.failure.get_or_insert_with(|| failure.clone());
        }
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
        commit: &Unwritten,
        naming: Option<Naming>,
        ground: &mut Ground<'_>,
    ) -> Result<LaidFrame, AppendError> {
        if let Some(naming) = naming.filter(|naming| !naming.definitions.is_empty()) {
            // Names become known only when nothing can refuse the commit any more.
            laying(commit, &self.admission.types, self.time).check()?;
            self.define(naming, ground)?;
        }
        let laying = laying(commit, &self.admission.types, self.time);
        Ok(ground.log.lay(&laying, &mut self.places)?)
    }
}

impl Waiting {
    fn answer(self, commit: Box<Unwritten>, first_position: Position) {
        match self {
            Self::Caller(answer) => drop(answer.send(Ok(Written {
                commit,
                first_position,
            }))),
            Self::Shred(shred, answer) => {
                let (_, erased) = *shred;
                let position = first_position;
                drop(answer.send(Ok(Shredded { erased, position })));
            }
            Self::Reenrolment(answer) => drop(answer.send(Ok(first_position))),
        }
    }

    fn fail(self, error: AppendError) {
        match self {
            Self::Caller(answer) => drop(answer.send(Err(error))),
            Self::Shred(shred, answer) => drop(answer.send(Err(ShredError::Incomplete {
                subject: shred.0,
                source: Box::new(error),
            }))),
            Self::Reenrolment(answer) => drop(answer.send(Err(error.into()))),
        }
    }
}

impl LaidCommit {
    fn in_tail<'a>(&'a self, places: &'a [Place]) -> TailCommit<'a, impl Iterator<Item = TailRun>> {
        let LaidFrame { first, place, end } = self.frame;
        TailCommit {
            place,
            end,
            first,
            runs: self.commit.streams.iter().filter_map(tail_run),
            places,
        }
    }
}

fn tail_run(append: &StreamAppend) -> Option<TailRun> {
    Some(TailRun {
        stream: append.name.clone()?,
        first_version: append.first_version,
        events: append.events,
    })
}

fn laying<'a>(
    commit: &'a Unwritten,
    types: &'a [u32],
    time: Timestamp,
) -> Laying<'a, impl Iterator<Item = DraftStream<'a>> + Clone> {
    let streams = commit.streams.iter().map(|append| DraftStream {
        category: append.name.as_ref().map_or(u32::MAX, StreamName::category),
        key: append.stream.key().as_ref(),
        first_version: append.first_version,
        events: append.events,
    });
    Laying {
        id: commit.id.unwrap_or_else(|| commit_id(time)),
        time: commit.import.map_or(time, |import| import.time),
        draft: &commit.draft,
        types,
        streams,
    }
}
