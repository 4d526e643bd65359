//! One group: commits that are laid together, written and synced once, and answered together.

use tokio::sync::oneshot;
use uuid::{NoContext, Uuid};

use super::admission::{Admission, Admitted};
use super::{Job, NewSchema};
use crate::clock::Timestamp;
use crate::definition::Definition;
use crate::error::StorageError;
use crate::index::{Index, TailCommit, TailEvent};
use crate::log::{Draft, DraftEvent, DraftStream, LaidFrame, LayError, LogWriter};
use crate::position::{Place, Position, Version};
use crate::store::append::{AppendError, Appended, Durability, NewCommit};
use crate::store::shared::Shared;
use crate::stream::Key;

type Answer<T> = oneshot::Sender<Result<T, AppendError>>;

/// A group that is being laid.
#[derive(Debug)]
pub(super) struct Group<'a> {
    log: &'a mut LogWriter,
    shared: &'a Shared,
    admission: Admission<'a>,
    laid: Laid,
    /// Encoded metadata of the commit at hand; kept from commit to commit for its memory.
    extras: Vec<u8>,
}

/// A group that was laid, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub(super) commits: Vec<LaidCommit>,
    /// Registrations and syncs.
    pub(super) others: Vec<Answer<()>>,
    /// Each with the position it lies before.
    pub(super) definitions: Vec<(Position, Vec<Definition>)>,
    /// Somebody waits for the disk.
    pub(super) wants_sync: bool,
    /// The log failed meanwhile: nothing of this group may be answered as written.
    pub(super) failure: Option<StorageError>,
}

/// A commit in the group.
#[derive(Debug)]
pub(super) struct LaidCommit {
    commit: NewCommit,
    admitted: Admitted,
    frame: LaidFrame,
    places: Vec<Place>,
    answer: Answer<Appended>,
}

impl<'a> Group<'a> {
    pub(super) fn new(shared: &'a Shared, log: &'a mut LogWriter) -> Self {
        let admission = Admission::new(shared.shared_names(), &shared.index);
        Self {
            log,
            shared,
            admission,
            laid: Laid::default(),
            extras: Vec::new(),
        }
    }

    /// Lays what the job asks for, or refuses it at once.
    pub(super) fn take(&mut self, job: Job) {
        match job {
            Job::Commit(commit, answer) => self.take_commit(commit, answer),
            Job::Register(schemas, answer) => self.take_registration(&schemas, answer),
            Job::Sync(answer) => self.take_sync(answer),
        }
    }

    pub(super) fn finish(self) -> Laid {
        self.laid
    }

    fn take_commit(&mut self, commit: NewCommit, answer: Answer<Appended>) {
        let admitted = match self.admission.admit(&commit) {
            Ok(admitted) => admitted,
            // Nothing was laid, so it concerns nobody else, not even if the index cannot be read.
            Err(error) => return drop(answer.send(Err(error))),
        };
        let mut places = Vec::with_capacity(commit.event_count());
        match self.lay(&commit, &admitted, &mut places) {
            Ok(frame) => {
                self.admission.laid(&commit, &admitted);
                self.laid.wants_sync |= commit.durability == Durability::Sync;
                let commit = LaidCommit {
                    commit,
                    admitted,
                    frame,
                    places,
                    answer,
                };
                self.laid.commits.push(commit);
            }
            Err(error) => {
                self.note_failure(&error);
                let _ = answer.send(Err(error));
            }
        }
    }

    fn take_sync(&mut self, answer: Answer<()>) {
        self.laid.wants_sync = true;
        self.laid.others.push(answer);
    }

    fn take_registration(&mut self, schemas: &[NewSchema], answer: Answer<()>) {
        match self.register(schemas) {
            Ok(()) => {
                self.laid.wants_sync = true;
                self.laid.others.push(answer);
            }
            Err(error) => {
                self.note_failure(&error);
                let _ = answer.send(Err(error));
            }
        }
    }

    fn lay(
        &mut self,
        commit: &NewCommit,
        admitted: &Admitted,
        places: &mut Vec<Place>,
    ) -> Result<LaidFrame, AppendError> {
        let mut extras = std::mem::take(&mut self.extras);
        let frame = self.lay_admitted(commit, admitted, &mut extras, places);
        self.extras = extras;
        frame
    }

    fn register(&mut self, schemas: &[NewSchema]) -> Result<(), AppendError> {
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
        self.define(&naming.definitions)
    }

    /// Lays the names that are new, before whatever uses them.
    fn define(&mut self, definitions: &[Definition]) -> Result<(), AppendError> {
        if !definitions.is_empty() {
            self.admission.define(definitions);
            let before = self.log.define(definitions)?;
            self.laid.definitions.push((before, definitions.to_vec()));
        }
        Ok(())
    }

    fn lay_admitted(
        &mut self,
        commit: &NewCommit,
        admitted: &Admitted,
        extras: &mut Vec<u8>,
        places: &mut Vec<Place>,
    ) -> Result<LaidFrame, AppendError> {
        let ends = encode_metadata(commit, extras)?;
        let time = self.shared.clock.now();
        let mut extras = Extras {
            bytes: extras,
            start: 0,
            ends: ends.iter(),
        };
        let parts = || commit.streams.iter().zip(&admitted.streams);
        let events: Vec<Vec<DraftEvent<'_>>> = parts()
            .map(|(append, stream)| {
                let events = append.events.iter().zip(&stream.types).zip(&mut extras);
                events
                    .map(|((event, type_id), extras)| DraftEvent {
                        type_id: *type_id,
                        revision: event.revision,
                        extras,
                        payload: &event.payload,
                    })
                    .collect()
            })
            .collect();
        let drafted = parts()
            .zip(&events)
            .map(|((append, stream), events)| DraftStream {
                category: stream.category,
                key: append.stream.key().as_ref(),
                first_version: stream.first_version,
                events,
            });
        let streams: Vec<DraftStream<'_>> = drafted.collect();
        let draft = Draft {
            id: commit_id(time),
            time,
            streams: &streams,
        };
        if !admitted.definitions.is_empty() {
            // Names become known only when nothing can refuse the commit any more.
            draft.check()?;
            self.define(&admitted.definitions)?;
        }
        Ok(self.log.lay(&draft, places)?)
    }

    fn note_failure(&mut self, error: &AppendError) {
        if let AppendError::Storage(failure) = error {
            self.laid.failure.get_or_insert_with(|| failure.clone());
        }
    }
}

/// Encodes the metadata of all events behind one another; gives where each ends.
fn encode_metadata(commit: &NewCommit, extras: &mut Vec<u8>) -> Result<Vec<usize>, AppendError> {
    extras.clear();
    let mut ends = Vec::with_capacity(commit.event_count());
    for event in commit.streams.iter().flat_map(|append| &append.events) {
        event.metadata.encode(event.id, extras)?;
        ends.push(extras.len());
    }
    Ok(ends)
}

/// The encoded metadata of one event after the other.
struct Extras<'a> {
    bytes: &'a [u8],
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Iterator for Extras<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = *self.ends.next()?;
        let bytes = self.bytes.get(self.start..end)?;
        self.start = end;
        Some(bytes)
    }
}

impl Laid {
    /// Answers everybody with the failure.
    pub(super) fn fail(self, failure: &StorageError) {
        for commit in self.commits {
            let _ = commit.answer.send(Err(failure.clone().into()));
        }
        for answer in self.others {
            let _ = answer.send(Err(failure.clone().into()));
        }
    }

    /// Whether nothing was laid.
    pub(super) fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.definitions.is_empty()
    }

    /// Puts what was written into the tail of the index.
    pub(super) fn add_to(&self, index: &Index) -> Result<(), StorageError> {
        for (before, definitions) in &self.definitions {
            index.add_definitions(*before, definitions);
        }
        self.commits
            .iter()
            .try_for_each(|commit| commit.add_to(index))
    }

    /// Answers everybody with what was written.
    pub(super) fn answer(self) {
        for commit in self.commits {
            let appended = commit.appended();
            // Whoever has stopped waiting has no use for the answer.
            let _ = commit.answer.send(Ok(appended));
        }
        for answer in self.others {
            let _ = answer.send(Ok(()));
        }
    }
}

impl LaidCommit {
    fn add_to(&self, index: &Index) -> Result<(), StorageError> {
        let mut places = self.places.iter();
        let parts = self.commit.streams.iter().zip(&self.admitted.streams);
        let events: Vec<TailEvent<'_>> = parts
            .flat_map(|(append, stream)| {
                let versions =
                    (0..append.events.len() as u64).map(|n| stream.first_version.plus(n));
                versions
                    .map(move |version| (stream.category, append.stream.key().as_ref(), version))
            })
            .zip(&mut places)
            .map(|((category, key, version), place)| TailEvent {
                category,
                key,
                version,
                place: *place,
            })
            .collect();
        let LaidFrame { first, place, end } = self.frame;
        index.add(TailCommit {
            place,
            end,
            first,
            events: &events,
        })
    }

    fn appended(&self) -> Appended {
        let streams = self.commit.streams.iter().zip(&self.admitted.streams);
        let version = |first: Version, events: usize| first.plus(events as u64 - 1);
        Appended {
            first_position: self.frame.first,
            last_position: self.frame.first.plus(self.places.len() as u64 - 1),
            versions: streams
                .map(|(append, stream)| version(stream.first_version, append.events.len()))
                .collect(),
        }
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

impl From<LayError> for AppendError {
    fn from(error: LayError) -> Self {
        let too_large = |what, actual, limit, unit, remedy| Self::TooLarge {
            what,
            actual,
            limit,
            unit,
            remedy,
        };
        let (split, elsewhere) = (
            "write several commits",
            "store it elsewhere and keep a reference",
        );
        match error {
            LayError::Storage(error) => Self::Storage(error),
            LayError::Events { count, max } => {
                too_large("a commit", count as u64, max.into(), "events", split)
            }
            LayError::Commit { bytes, max } => {
                too_large("a commit", bytes as u64, max.into(), "bytes", split)
            }
            LayError::Payload { bytes, max } => {
                let what = "an event's payload";
                too_large(what, bytes as u64, max as u64, "bytes", elsewhere)
            }
            LayError::Metadata { bytes, max } => {
                let what = "an event's metadata";
                too_large(what, bytes as u64, max as u64, "bytes", elsewhere)
            }
            LayError::Key { bytes } => {
                let (what, limit) = ("a stream key", Key::MAX_TEXT_BYTES as u64);
                too_large(what, bytes as u64, limit, "bytes", "give it a shorter one")
            }
            LayError::Stream | LayError::MetadataInvalid { .. } => Self::Empty,
        }
    }
}
