//! The new store, while it is made and when it is compared.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::CopyError;
use super::outgoing::Outgoing;
use crate::codec::OPAQUE;
use crate::event::{RecordedEvent, TypeName};
use crate::log::Snapshot;
use crate::position::Position;
use crate::store::append::{AppendError, Durability};
use crate::store::names::Names;
use crate::store::unwritten::{Import, Unwritten};
use crate::store::writer::Written;
use crate::store::{ExpectedVersion, Store};

/// Commits, and bytes of them, that may wait to be written.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_BYTES: usize = 32 << 20;

/// Where a copy goes.
pub(super) struct Target<'a> {
    store: &'a Store,
    is_finished: bool,
    /// The position that the next event gets.
    next: Position,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// Of each type and revision that was met.
    layouts: HashMap<(String, u16), Arc<str>>,
}

/// A commit on its way to the disk.
struct Waiting {
    /// Where it was in the source.
    position: Position,
    bytes: usize,
    answer: oneshot::Receiver<Result<Written, AppendError>>,
}

impl<'a> Target<'a> {
    /// A target that is appended to where it ends.
    pub(super) fn open(store: &'a Store) -> Self {
        Self {
            store,
            is_finished: false,
            next: Position::new(1),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            layouts: HashMap::new(),
        }
    }

    /// A target that has to hold everything.
    pub(super) fn finished(store: &'a Store) -> Self {
        Self {
            is_finished: true,
            ..Self::open(store)
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// What it holds now.
    pub(super) fn shown(&self) -> Result<(Snapshot, Arc<Names>), CopyError> {
        let shared = self.store.readable()?;
        Ok((shared.log.snapshot(), shared.names()))
    }

    /// Compares the commit that it holds with the one that should be there, or appends that.
    pub(super) fn meet(
        &mut self,
        found: Option<&[RecordedEvent<'_>]>,
        events: &[Outgoing<'_>],
        names: &Names,
    ) -> Result<(), CopyError> {
        match found {
            Some(found) => self.compare(found, events, names)?,
            None if self.is_finished => return Err(self.differs(self.next, "events are missing")),
            None => self.append(events, names)?,
        }
        self.next = self.next.plus(events.len() as u64);
        Ok(())
    }

    /// The source is at its end, and the target has to be, too.
    pub(super) fn end(&mut self, beyond: Option<&[RecordedEvent<'_>]>) -> Result<(), CopyError> {
        if beyond.is_some() {
            return Err(self.differs(self.next, "an event goes beyond the end of the source"));
        }
        while !self.waiting.is_empty() {
            self.wait_for_first()?;
        }
        Ok(())
    }

    fn compare(
        &self,
        found: &[RecordedEvent<'_>],
        events: &[Outgoing<'_>],
        names: &Names,
    ) -> Result<(), CopyError> {
        for (event, found) in events.iter().zip(found) {
            if let Some(what) = event.difference(found, names) {
                return Err(self.differs(found.position(), what));
            }
        }
        if events.len() != found.len() {
            let both = events.len().min(found.len());
            return Err(self.differs(self.next.plus(both as u64), "the commit has another length"));
        }
        Ok(())
    }

    fn differs(&self, position: Position, what: &'static str) -> CopyError {
        if self.is_finished {
            CopyError::Unverified { position, what }
        } else {
            CopyError::NotThisCopy { position, what }
        }
    }

    fn append(&mut self, events: &[Outgoing<'_>], names: &Names) -> Result<(), CopyError> {
        let Some(first) = events.first() else {
            return Ok(());
        };
        let commit = self.commit(first, events, names)?;
        let bytes = commit.draft.bytes();
        while self.waiting.len() >= MAX_WAITING || self.waiting_bytes + bytes > MAX_WAITING_BYTES {
            if !self.wait_for_first()? {
                break;
            }
        }
        let (reply, answer) = oneshot::channel();
        if let Err(source) = pollster::block_on(self.store.post(commit, reply)) {
            // What stopped the store is said to a commit that waits.
            while self.wait_for_first()? {}
            let position = first.position;
            return Err(CopyError::Append { position, source });
        }
        self.waiting_bytes += bytes;
        self.waiting.push_back(Waiting {
            position: first.position,
            bytes,
            answer,
        });
        Ok(())
    }

    fn commit(
        &mut self,
        first: &Outgoing<'_>,
        events: &[Outgoing<'_>],
        names: &Names,
    ) -> Result<Box<Unwritten>, CopyError> {
        let mut commit = Unwritten::new();
        commit.durability = Durability::Buffered;
        commit.id = Some(first.id);
        commit.import = Some(Import {
            first: self.next,
            time: first.time,
        });
        let mut stream = None;
        for (event, made) in events.iter().zip(counted_from(first.id)) {
            if stream != Some(event.stream) {
                stream = Some(event.stream);
                commit.begin(event.stream.to_stream_id(), ExpectedVersion::Any);
            }
            self.bring_older(event, names, &mut commit);
            self.leaves_no_gap(event, names)?;
            event.keeps_boxes()?;
            event.fits_layout()?;
            let layout = self.layout(event, names)?;
            let own_id = (event.id != made).then_some(event.id);
            let pushed = commit.push_imported(event.to_new_event(own_id), &layout);
            pushed.map_err(|source| CopyError::Append {
                position: event.position,
                source,
            })?;
        }
        Ok(commit)
    }

    /// Lets the commit bring the layouts of older revisions, when it is the first with this one.
    fn bring_older(&mut self, event: &Outgoing<'_>, names: &Names, commit: &mut Unwritten) {
        let key = |revision| (event.type_name.to_owned(), revision);
        if event.revision == 1 || self.layouts.contains_key(&key(event.revision)) {
            return;
        }
        let name = TypeName::from_checked(event.type_name);
        for (revision, layout) in event.older() {
            if !self.has_layout(event.type_name, revision, names) {
                self.layouts.insert(key(revision), Arc::clone(&layout));
                commit.bring_layout(&name, revision, layout);
            }
        }
    }

    /// Refuses a new revision behind one that nobody has: no program would be let into such a store.
    fn leaves_no_gap(&self, event: &Outgoing<'_>, names: &Names) -> Result<(), CopyError> {
        let has = |revision| self.has_layout(event.type_name, revision, names);
        if !event.is_renumbered() || event.layout == OPAQUE || has(event.revision) {
            return Ok(());
        }
        match (1..event.revision).find(|revision| !has(*revision)) {
            None => Ok(()),
            Some(missing) => Err(CopyError::Gap {
                position: event.position,
                type_name: TypeName::from_checked(event.type_name),
                revision: event.revision,
                missing,
            }),
        }
    }

    fn has_layout(&self, type_name: &str, revision: u16, names: &Names) -> bool {
        names.schema_of(type_name, revision).is_some()
            || (self.layouts).contains_key(&(type_name.to_owned(), revision))
    }

    /// The layout of the event's type, which has to be that of the event.
    fn layout(&mut self, event: &Outgoing<'_>, names: &Names) -> Result<Arc<str>, CopyError> {
        let known = self
            .layouts
            .entry((event.type_name.to_owned(), event.revision))
            .or_insert_with(|| {
                let known = names.schema_of(event.type_name, event.revision);
                known.map_or_else(|| event.layout.into(), Arc::from)
            });
        if **known == *event.layout {
            return Ok(Arc::clone(known));
        }
        Err(CopyError::Layout {
            position: event.position,
            type_name: TypeName::from_checked(event.type_name),
            revision: event.revision,
            there: known.to_string(),
            layout: event.layout.to_owned(),
        })
    }

    /// Waits for the commit that has waited longest; false when none does.
    fn wait_for_first(&mut self) -> Result<bool, CopyError> {
        let Some(waiting) = self.waiting.pop_front() else {
            return Ok(false);
        };
        let position = waiting.position;
        let answer = pollster::block_on(waiting.answer);
        let answer = answer.unwrap_or_else(|_| Err(self.store.writer_is_gone().into()));
        self.waiting_bytes -= waiting.bytes;
        match answer {
            Ok(_) => Ok(true),
            Err(source) => Err(CopyError::Append { position, source }),
        }
    }
}

/// The ids that the events of a commit have by themselves.
fn counted_from(first: Uuid) -> impl Iterator<Item = Uuid> {
    (0..).map(move |n| Uuid::from_u128(first.as_u128().wrapping_add(n)))
}
