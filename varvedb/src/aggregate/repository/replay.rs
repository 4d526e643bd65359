//! Replay: from a stream, or from a snapshot and what follows it, to a root.
//!
//! A snapshot is a guess at the first part of a replay. It is believed only when this program made it,
//! its bytes are whole, and the log has its last event where it says; else all events are read.
//! What is kept as a snapshot has always been folded from recorded events: a root in memory is not, since
//! its handlers saw events before these had a position and a time.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::{AsOf, LoadError, Repository, stream_id};
use crate::aggregate::snapshots::{Loaded, Snapshots, Unusable};
use crate::aggregate::{Aggregate, Root};
use crate::codec::{DecodeError, Event, Scratch, Unknown, known_name};
use crate::event::{Meta, RecordedEvent};
use crate::index::{LastEvent, StateSnapshot};
use crate::pii::KeyId;
use crate::position::{Position, Version};
use crate::store::Store;
use crate::stream::StreamId;

impl Repository {
    /// Loads an aggregate as it was, and keeps a snapshot of it if one is due.
    pub(super) fn replay<A: Aggregate>(
        &self,
        id: A::Id,
        as_of: AsOf,
    ) -> Result<Root<A>, LoadError> {
        self.store
            .check_schemas_for(A::Event::schemas(), self.unknown)?;
        let stream = stream_id::<A>(&id)?;
        let snapshots = A::snapshots().filter(|_| self.uses_snapshots);
        let mut replay = Replay::new(self.fresh(id), as_of, snapshots, self.unknown);
        let kept = snapshots.and_then(|snapshots| kept(snapshots, &self.store, &stream, as_of));
        if let Some((state, last)) = kept {
            replay.resume(state, last);
        }
        replay.run(&self.store, &stream)?;
        if replay.is_astray() {
            tracing::warn!(%stream, "ignored a snapshot that is not of this log");
            let id = replay.root.id().clone();
            replay = Replay::new(self.fresh(id), as_of, snapshots, self.unknown);
            replay.run(&self.store, &stream)?;
        }
        if replay.root.version() == Version::ZERO {
            return Err(LoadError::NotFound { stream });
        }
        replay.has_state(&stream)?;
        replay.tell_of_shreds(&self.store)?;
        Ok(replay.finish(&self.store, &stream))
    }

    /// Brings the snapshot of an aggregate that was just saved up to date, if that is still needed.
    pub(super) fn refresh_snapshot<A: Aggregate>(&self, root: &mut Root<A>) {
        match self.replay::<A>(root.id().clone(), AsOf::Now) {
            Ok(loaded) => root.snapshot_is_at(loaded.snapshot_version()),
            // The events are saved, and that is what the caller must hear.
            Err(error) => {
                let (aggregate, id) = (A::NAME, root.id());
                tracing::warn!(aggregate, ?id, %error, "took no snapshot");
            }
        }
    }
}

/// The state in the snapshot of a stream, if there is one that can be used for this moment.
fn kept<A: Aggregate>(
    snapshots: &Snapshots<A>,
    store: &Store,
    stream: &StreamId,
    as_of: AsOf,
) -> Option<(A, LastEvent)> {
    let boxes = store.readable().ok().and_then(|shared| shared.boxes());
    let found = store.snapshot(stream, |row| snapshots.read(row, (stream, boxes)));
    match found {
        Ok(Some(Ok((state, last)))) => {
            // A reading process may find a snapshot of what it does not show yet.
            let is_visible = last.position <= store.head();
            (is_visible && as_of.includes_last(&last)).then_some((state, last))
        }
        Ok(None) => None,
        Ok(Some(Err(Unusable::Changed(what)))) => {
            tracing::debug!(%stream, "ignored a snapshot: {what} has changed since");
            None
        }
        Ok(Some(Err(Unusable::Damaged(what)))) => {
            tracing::warn!(%stream, "ignored a damaged snapshot: {what}");
            None
        }
        Err(error) => {
            tracing::warn!(%stream, %error, "could not look for a snapshot");
            None
        }
    }
}

/// One replay under way.
struct Replay<A: Aggregate> {
    root: Root<A>,
    as_of: AsOf,
    snapshots: Option<&'static Snapshots<A>>,
    /// With what the snapshot ends: the replay begins there, and must find it.
    expected: Option<LastEvent>,
    last: Option<LastEvent>,
    /// The last event that was passed over.
    last_skipped: Option<(&'static str, Position)>,
    unknown: Unknown,
    /// The last event that the program does not know, and what it is.
    last_unknown: Option<(DecodeError, Position)>,
    met_event: bool,
    /// Data keys that handlers found destroyed, where the aggregate wants to hear of it.
    shredded: Vec<KeyId>,
    took: Duration,
}

impl<A: Aggregate> Replay<A> {
    fn new(
        root: Root<A>,
        as_of: AsOf,
        snapshots: Option<&'static Snapshots<A>>,
        unknown: Unknown,
    ) -> Self {
        Self {
            root,
            as_of,
            snapshots,
            expected: None,
            last: None,
            last_skipped: None,
            unknown,
            last_unknown: None,
            met_event: false,
            shredded: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Begins with the state of a snapshot, at its last event instead of the first of all.
    fn resume(&mut self, state: A, last: LastEvent) {
        self.root.restore(state, last.version);
        self.expected = Some(last);
    }

    /// Whether the log does not have the event with which the snapshot ends.
    fn is_astray(&self) -> bool {
        self.expected.is_some()
    }

    fn run(&mut self, store: &Store, stream: &StreamId) -> Result<(), LoadError> {
        let begun = self.snapshots.map(|_| Instant::now());
        let first = self.expected.map_or(1, |last| last.version.get());
        let mut failure = None;
        let mut read = store.read_stream(stream).after(first.saturating_sub(1));
        if self.needs_no_frames() {
            read = read.without_frames();
        }
        read.visit(|event| {
            self.see(event).unwrap_or_else(|error| {
                failure = Some(error);
                ControlFlow::Break(())
            })
        })?;
        self.took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        failure.map_or(Ok(()), Err)
    }

    /// Whether neither ids nor times are looked at: by handlers, snapshots or the end of the replay.
    fn needs_no_frames(&self) -> bool {
        !A::READS_META
            && !A::Event::HAS_BOXES
            && self.snapshots.is_none()
            && !matches!(self.as_of, AsOf::Time(_))
    }

    fn see(&mut self, event: &RecordedEvent<'_>) -> Result<ControlFlow<()>, LoadError> {
        if let Some(expected) = self.expected {
            if LastEvent::of(event.meta()) != expected {
                return Ok(ControlFlow::Break(()));
            }
            self.expected = None;
            return Ok(ControlFlow::Continue(()));
        }
        if !self.as_of.includes(event) {
            return Ok(ControlFlow::Break(()));
        }
        self.apply(event)?;
        Ok(ControlFlow::Continue(()))
    }

    fn apply(&mut self, event: &RecordedEvent<'_>) -> Result<(), LoadError> {
        let (position, stream) = (event.position(), event.stream());
        let scratch = Scratch::new();
        let views = match A::Event::decode(event, &scratch) {
            Ok(views) if views.is_empty() => {
                self.pass_over(event, known_name::<A::Event>(event));
                return Ok(());
            }
            Ok(views) => views,
            Err(DecodeError::Retired { type_name }) => {
                self.pass_over(event, type_name);
                return Ok(());
            }
            Err(source) if self.unknown == Unknown::Skip && source.is_unknown() => {
                self.pass_over_unknown(event, source);
                return Ok(());
            }
            Err(source) => {
                return Err(LoadError::Decode {
                    stream: stream.to_stream_id(),
                    position,
                    source,
                });
            }
        };
        let (snapshots, meta) = (self.snapshots, event.meta());
        views
            .try_each(|view| {
                self.met_event |= snapshots.is_some_and(|s| s.policy().is_met_by(&view));
                self.root.apply_recorded(view, meta)
            })
            .map_err(|missing| LoadError::NotCreated {
                aggregate: A::NAME,
                event: missing.event,
                stream: stream.to_stream_id(),
                position,
            })?;
        if A::HANDLES_SHREDDED {
            self.shredded.extend(scratch.shredded_keys());
        }
        if let Some(fault) = scratch.fault() {
            return Err(LoadError::Pii {
                stream: stream.to_stream_id(),
                position,
                source: fault.clone(),
            });
        }
        self.last = self.snapshots.map(|_| LastEvent::of(event.meta()));
        self.root.applied_recorded(event.meta());
        Ok(())
    }

    /// Counts an event that changes nothing: of a retired type, or split into none.
    fn pass_over(&mut self, event: &RecordedEvent<'_>, type_name: &'static str) {
        tracing::trace!(aggregate = A::NAME, position = %event.position(), type_name, "skipped");
        self.last_skipped = Some((type_name, event.position()));
        self.last = self.snapshots.map(|_| LastEvent::of(event.meta()));
        self.root.skip_recorded(event.meta());
    }

    /// Counts an event of which the state lacks what it says.
    fn pass_over_unknown(&mut self, event: &RecordedEvent<'_>, source: DecodeError) {
        let (aggregate, position) = (A::NAME, event.position());
        tracing::warn!(aggregate, %position, "skipped what this program does not know: {source}");
        self.last_unknown = Some((source, position));
        self.root.skip_recorded(event.meta());
    }

    /// A stream of such events alone has no state, and cannot be begun again either.
    fn has_state(&self, stream: &StreamId) -> Result<(), LoadError> {
        if let (None, Some((source, position))) = (self.root.get(), &self.last_unknown) {
            return Err(LoadError::Decode {
                stream: stream.clone(),
                position: *position,
                source: source.clone(),
            });
        }
        match (self.root.get(), self.last_skipped) {
            (None, Some((event, position))) => Err(LoadError::NotCreated {
                aggregate: A::NAME,
                event,
                stream: stream.clone(),
                position,
            }),
            _ => Ok(()),
        }
    }

    /// Tells the state of the shreds of whose data it has, when all its events are in it.
    fn tell_of_shreds(&mut self, store: &Store) -> Result<(), LoadError> {
        let shredded = std::mem::take(&mut self.shredded);
        let Some(state) = self.root.state_mut().filter(|_| !shredded.is_empty()) else {
            return Ok(());
        };
        Ok(store.visit_shreds(&shredded, &mut |event| state.shredded(event))?)
    }

    /// Keeps a snapshot if one is due, and says what the load was.
    fn finish(mut self, store: &Store, stream: &StreamId) -> Root<A> {
        let (aggregate, version) = (A::NAME, self.root.version().get());
        let (snapshot, replayed) = (self.root.snapshot_version().get(), self.root.replayed());
        let skipped = self.root.skipped();
        tracing::debug!(aggregate, %stream, version, snapshot, replayed, skipped, "loaded");
        let loaded = Loaded {
            replayed,
            took: self.took,
            met_event: self.met_event,
        };
        if let (Some(snapshots), Some(last), AsOf::Now) = (self.snapshots, self.last, self.as_of)
            && !store.is_read_only()
            && self.last_unknown.is_none()
            && snapshots.policy().is_due_after_load(&loaded)
        {
            keep(snapshots, &self.root, last, store, stream);
            // Also one that was dropped: the next load sees that there is none.
            self.root.snapshot_is_at(last.version);
        }
        self.root
    }
}

/// Hands the state to the store. Whatever becomes of it there, the load has succeeded.
fn keep<A: Aggregate>(
    snapshots: &Snapshots<A>,
    root: &Root<A>,
    last: LastEvent,
    store: &Store,
    stream: &StreamId,
) {
    let Some(state) = root.get() else { return };
    let version = last.version.get();
    let offer = |snapshot: &StateSnapshot<'_>| store.offer_snapshot(stream, snapshot);
    match snapshots.write((state, root.id()), last, (store, stream), offer) {
        Ok(Ok(is_kept)) => tracing::debug!(%stream, version, is_kept, "took a snapshot"),
        Ok(Err(error)) => tracing::warn!(%stream, version, %error, "took no snapshot"),
        Err(error) => tracing::warn!(%stream, version, %error, "took no snapshot"),
    }
}

impl LastEvent {
    fn of(meta: &Meta<'_>) -> Self {
        Self {
            version: meta.version(),
            position: meta.position(),
            id: meta.id(),
            time: meta.time(),
        }
    }
}
