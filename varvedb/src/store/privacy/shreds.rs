//! What the log says of shredded subjects: by it a half-done shred is told from a whole one.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use crate::codec::{Event, Scratch};
use crate::error::StorageError;
use crate::event::RecordedEvent;
use crate::pii::{KeyId, Subject};
use crate::position::Position;
use crate::store::Store;
use crate::stream::Category;

use super::standing::Standing;
use super::{SubjectEvent, SubjectEventView, SubjectShredded};

/// All shreds that are in the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shreds {
    /// Up to where the log was read.
    read: Position,
    keys: HashMap<KeyId, Position>,
    standings: HashMap<Subject, Standing>,
}

impl Shreds {
    /// Reads on in the log.
    pub(crate) fn read_on(&mut self, store: &Store) -> Result<Vec<Recorded>, StorageError> {
        let category = Category::from_checked(SubjectEvent::CATEGORY);
        let (mut new, mut failure) = (Vec::new(), None);
        store
            .read_category(&category)
            .after(self.read)
            .visit(|event| {
                match self.take_in(event) {
                    Ok(recorded) => new.extend(recorded),
                    Err(error) => failure = Some(error),
                }
                self.read = event.position();
                if failure.is_some() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
        failure.map_or(Ok(new), Err)
    }

    /// Where the shred of this key is written down.
    pub(crate) fn position_of(&self, key: &KeyId) -> Option<Position> {
        self.keys.get(key).copied()
    }

    /// Where it is written down that all these keys, and this subject for this purpose, are shredded.
    pub(crate) fn complete(
        &self,
        (subject, purpose): (&Subject, Option<&str>),
        keys: &[KeyId],
    ) -> Option<Position> {
        let shredded = self.standings.get(subject)?.shredded(purpose)?;
        let is_complete = keys.iter().all(|key| self.keys.contains_key(key));
        is_complete.then_some(shredded)
    }

    /// How it stands with all subjects that were ever shredded.
    pub(super) fn standings(&self) -> &HashMap<Subject, Standing> {
        &self.standings
    }

    fn take_in(&mut self, event: &RecordedEvent<'_>) -> Result<Option<Recorded>, StorageError> {
        let damaged = |what: String| {
            let what = format!("event {}: {what}", event.position());
            StorageError::index("read what became of a data subject", what)
        };
        let scratch = Scratch::new();
        let views =
            SubjectEvent::decode(event, &scratch).map_err(|error| damaged(error.to_string()))?;
        let Some(view) = views.into_iter().next() else {
            return Ok(None);
        };
        match view {
            SubjectEventView::Shredded(shredded) => {
                let subject = shredded
                    .subject()
                    .map_err(|error| damaged(error.to_string()))?;
                let recorded = Recorded {
                    subject,
                    purpose: shredded.purpose.map(str::to_owned),
                    keys: shredded.key_ids().collect(),
                };
                self.note(&recorded, event.position());
                Ok(Some(recorded))
            }
            SubjectEventView::Reenrolled(enrolled) => {
                let subject = enrolled
                    .subject()
                    .map_err(|error| damaged(error.to_string()))?;
                self.enroll(&subject, enrolled.purpose, event.position());
                Ok(None)
            }
        }
    }

    /// Takes note of a re-enrolment at this position.
    pub(crate) fn enroll(&mut self, subject: &Subject, purpose: Option<&str>, position: Position) {
        let standing = self.standings.entry(subject.clone()).or_default();
        standing.enrol(purpose.map(str::to_owned), position);
    }

    /// Takes note of a shred that is at this position, or will be with the group at hand.
    pub(crate) fn note(&mut self, recorded: &Recorded, position: Position) {
        for key in &recorded.keys {
            self.keys.entry(*key).or_insert(position);
        }
        let standing = self.standings.entry(recorded.subject.clone());
        let purpose = recorded.purpose.clone();
        standing.or_default().shred(purpose, position);
    }
}

impl Store {
    /// Hands the shreds of these keys to `visitor`, each once, in their order.
    pub(crate) fn visit_shreds(
        &self,
        keys: &[KeyId],
        visitor: &mut dyn FnMut(SubjectShredded<'_>),
    ) -> Result<(), StorageError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(());
        };
        let positions: BTreeSet<Position> = {
            let mut shreds = custody.shreds();
            shreds.read_on(self)?;
            keys.iter()
                .filter_map(|key| shreds.position_of(key))
                .collect()
        };
        for position in positions {
            let before = Position::new(position.get().saturating_sub(1));
            self.visit_after(before, position, &mut |event| {
                let scratch = Scratch::new();
                let views = SubjectEvent::decode(event, &scratch).into_iter().flatten();
                for view in views {
                    if let SubjectEventView::Shredded(shredded) = view {
                        visitor(shredded);
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    }
}

/// A shred as the log has it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) subject: Subject,
    pub(crate) purpose: Option<String>,
    pub(crate) keys: Vec<KeyId>,
}
