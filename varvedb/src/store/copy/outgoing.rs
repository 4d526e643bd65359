//! The events of one commit as they are to be written.

use std::sync::Arc;

use uuid::Uuid;

use super::rewrite::{Change, Fate};
use super::{CopyError, CopyReport};
use crate::clock::Timestamp;
use crate::codec::{DynamicSchema, OPAQUE};
use crate::event::{Metadata, NewEvent, RecordedEvent, TypeName};
use crate::position::Position;
use crate::store::names::{Names, is_sealed};
use crate::stream::StreamRef;

/// What becomes of the events of one commit.
pub(super) struct Fates(Vec<Fate>);

impl Fates {
    /// Asks of each event, and counts the answers.
    pub(super) fn decide(
        commit: &[RecordedEvent<'_>],
        report: &mut CopyReport,
        mut fate: impl FnMut(&RecordedEvent<'_>) -> Result<Fate, CopyError>,
    ) -> Result<Self, CopyError> {
        let mut fates = Vec::with_capacity(commit.len());
        for event in commit {
            let fate = fate(event)?;
            report.read += 1;
            match &fate {
                Fate::Keep => report.kept += 1,
                Fate::Drop => report.dropped += 1,
                // Split into none.
                Fate::Change(changes) if changes.is_empty() => report.dropped += 1,
                Fate::Change(changes) if changes.iter().all(|c| c.keeps(event)) => report.kept += 1,
                Fate::Change(_) => report.changed += 1,
            }
            fates.push(fate);
        }
        Ok(Self(fates))
    }
}

/// An event as it is to be written, borrowed from what it was and what it becomes.
pub(super) struct Outgoing<'e> {
    /// Where it was.
    pub(super) position: Position,
    pub(super) time: Timestamp,
    pub(super) id: Uuid,
    pub(super) stream: StreamRef<'e>,
    pub(super) type_name: &'e str,
    pub(super) revision: u16,
    pub(super) layout: &'e str,
    pub(super) payload: &'e [u8],
    event: &'e RecordedEvent<'e>,
    change: Option<&'e Change>,
    names: &'e Names,
}

/// What a commit becomes.
pub(super) fn outgoing<'e>(
    commit: &'e [RecordedEvent<'e>],
    fates: &'e Fates,
    names: &'e Names,
) -> Vec<Outgoing<'e>> {
    let mut events = Vec::with_capacity(commit.len());
    for (event, fate) in commit.iter().zip(&fates.0) {
        match fate {
            Fate::Keep => events.push(Outgoing::new(event, None, names)),
            Fate::Drop => {}
            Fate::Change(changes) => {
                events.extend(changes.iter().map(|c| Outgoing::new(event, Some(c), names)));
            }
        }
    }
    events
}

impl<'e> Outgoing<'e> {
    fn new(event: &'e RecordedEvent<'e>, change: Option<&'e Change>, names: &'e Names) -> Self {
        let meta = event.meta();
        let changed_layout = change.and_then(|change| change.layout.as_deref());
        Self {
            position: event.position(),
            time: meta.time(),
            id: change.and_then(|c| c.id).unwrap_or(meta.id()),
            stream: change
                .and_then(|c| c.stream.as_ref())
                .map_or(meta.stream(), |stream| stream.as_ref()),
            type_name: change
                .and_then(|c| c.type_name.as_ref())
                .map_or(meta.type_name(), TypeName::as_str),
            revision: change.and_then(|c| c.revision).unwrap_or(meta.revision()),
            layout: changed_layout.unwrap_or_else(|| layout_of(event, names)),
            payload: change
                .and_then(|c| c.payload.as_deref())
                .unwrap_or(event.payload()),
            event,
            change,
            names,
        }
    }

    /// The layouts of the revisions before its own: where one was missing, a program that knows them
    /// could not tell any more whether they are the right ones.
    pub(super) fn older(&self) -> Vec<(u16, Arc<str>)> {
        let before = 1..self.revision;
        match self.change {
            Some(change) if change.layout.is_some() => {
                let texts = change.older.iter().map(|schema| schema.text().into());
                before.zip(texts).collect()
            }
            _ => {
                let name = self.event.type_name();
                let known = |revision| self.names.schema_of(name, revision);
                let typed = |layout: &&str| *layout != OPAQUE;
                before
                    .filter_map(|revision| Some((revision, known(revision).filter(typed)?.into())))
                    .collect()
            }
        }
    }

    /// Whether the function has said which revision it gets.
    pub(super) fn is_renumbered(&self) -> bool {
        self.change.is_some_and(|change| change.revision.is_some())
    }

    /// Refuses bytes from the function that nobody could read again.
    pub(super) fn fits_layout(&self) -> Result<(), CopyError> {
        let is_given = |change: &Change| change.payload.is_some() && change.layout.is_none();
        if !self.change.is_some_and(is_given) {
            return Ok(());
        }
        let decoded = DynamicSchema::parse(self.layout).and_then(|s| s.decode(self.payload));
        decoded.map(drop).map_err(|reason| CopyError::Payload {
            position: self.position,
            type_name: TypeName::from_checked(self.type_name),
            revision: self.revision,
            reason,
        })
    }

    /// Refuses what would shut the boxes of an event for good: they are bound to its id, type and revision.
    pub(super) fn keeps_boxes(&self) -> Result<(), CopyError> {
        let meta = self.event.meta();
        let is_same = self.id == meta.id()
            && self.type_name == meta.type_name()
            && self.revision == meta.revision()
            && self.payload == self.event.payload();
        if is_same || !is_sealed(layout_of(self.event, self.names)) {
            return Ok(());
        }
        Err(CopyError::Sealed {
            position: self.position,
            type_name: TypeName::from_checked(meta.type_name()),
        })
    }

    pub(super) fn metadata(&self) -> Metadata {
        let given = self.change.and_then(|change| change.metadata.clone());
        given.unwrap_or_else(|| self.event.meta().metadata().to_metadata())
    }

    /// The event for its commit, which gives it the id unless it has one of its own.
    pub(super) fn to_new_event(&self, own_id: Option<Uuid>) -> NewEvent {
        NewEvent {
            type_name: TypeName::from_checked(self.type_name),
            revision: self.revision,
            id: own_id,
            metadata: self.metadata(),
            payload: self.payload.to_vec(),
        }
    }

    /// What is another in an event that should be this one.
    pub(super) fn difference(
        &self,
        found: &RecordedEvent<'_>,
        names: &Names,
    ) -> Option<&'static str> {
        let meta = found.meta();
        let parts = [
            ("the id is another", self.id == meta.id()),
            ("the time is another", self.time == meta.time()),
            ("the stream is another", self.stream == meta.stream()),
            ("the type is another", self.type_name == meta.type_name()),
            ("the revision is another", self.revision == meta.revision()),
            ("the payload is another", self.payload == found.payload()),
            (
                "the metadata is another",
                self.metadata() == meta.metadata().to_metadata(),
            ),
            (
                "the layout is another",
                self.layout == layout_of(found, names),
            ),
        ];
        parts
            .into_iter()
            .find_map(|(what, is_same)| (!is_same).then_some(what))
    }
}

/// The layout that a store has for an event.
fn layout_of<'n>(event: &RecordedEvent<'_>, names: &'n Names) -> &'n str {
    let revision = event.meta().revision();
    let known = names.schema_of(event.type_name(), revision);
    known.unwrap_or(OPAQUE)
}
