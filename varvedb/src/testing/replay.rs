//! Every event of a real store: decoded, and folded stream by stream.

mod report;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pub use self::report::{ReplayError, ReplayFailure, ReplayFlaw, ReplayProgress, ReplayReport};
use crate::aggregate::Aggregate;
use crate::codec::{DecodeError, Event, Scratch, known_name};
use crate::event::RecordedEvent;
use crate::pii::PiiError;
use crate::projection::panic_message;
use crate::store::{ReadError, Store};
use crate::stream::{Category, Key, StreamId, StreamKey};

/// Streams that are looked up at once.
const STREAMS: usize = 1024;

/// Events between two calls to who wants to hear of them.
const EVENTS: u64 = 4096;

/// Fails unless every event of the aggregate in the store can be read and every stream be loaded.
///
/// Personal data is read as if it were shredded, since a copy of a store comes without its key vault; to read it, open
/// the store with the vault and use [`streams_replay`].
///
/// The store is opened for reading, beside the program that writes to it, if there is one; use a copy where that
/// is this very process. See [`store_replays`].
///
/// ```no_run
/// # use varvedb::__private::Aggregate;
/// # fn every_event_of_the_branch_in_lund_is_read<Account: Aggregate>() {
/// varvedb::testing::assert_store_replays::<Account>("copies/lund.varve");
/// # }
/// ```
///
/// # Panics
///
/// When something cannot be read, with every failure; also when there is no such event, since then nothing
/// would have been tested.
#[track_caller]
pub fn assert_store_replays<A: Aggregate>(path: impl AsRef<Path>) {
    match store_replays::<A>(path, |_| {}) {
        Ok(report) if report.events + report.skipped == 0 => panic!(
            "the store has no stream of category `{}`, so nothing was tested",
            A::Event::CATEGORY
        ),
        Ok(report) => assert!(report.failures.is_empty(), "{report}"),
        Err(error) => panic!("{error}"),
    }
}

/// Opens a store for reading, and replays in it as [`streams_replay`] does.
pub fn store_replays<A: Aggregate>(
    path: impl AsRef<Path>,
    on_progress: impl FnMut(ReplayProgress),
) -> Result<ReplayReport, ReplayError> {
    let store = Store::open_read_only(path)?;
    streams_replay::<A>(&store, on_progress)
}

/// Decodes every event of the aggregate's category and folds every stream, without snapshots; gives counts, and
/// everything that failed. After a failure the rest of its stream is still decoded, but not folded.
///
/// It holds one state at a time in memory, and one page of stream names. `on_progress` is called every few
/// thousand events, and at the end. Damage to the store ends it.
pub fn streams_replay<A: Aggregate>(
    store: &Store,
    on_progress: impl FnMut(ReplayProgress),
) -> Result<ReplayReport, ReplayError> {
    store.check_schemas(A::Event::schemas())?;
    let mut replay = StoreReplay {
        store,
        report: ReplayReport::new(A::NAME),
        on_progress,
    };
    let category = Category::new(A::Event::CATEGORY)?;
    let mut after: Option<Key> = None;
    loop {
        let streams = store.streams(&category, after.as_ref(), STREAMS)?;
        for (stream, _) in &streams {
            replay.stream::<A>(stream)?;
        }
        match streams.into_iter().last() {
            Some((last, _)) => after = Some(last.key().clone()),
            None => break,
        }
    }
    replay.tell();
    Ok(replay.report)
}

/// One replay of a store under way.
struct StoreReplay<'s, P> {
    store: &'s Store,
    report: ReplayReport,
    on_progress: P,
}

/// What has become of a stream so far.
struct Fold<A> {
    state: Option<A>,
    /// Nothing more is folded.
    has_failed: bool,
    /// The last event of a retired type.
    last_skipped: Option<ReplayFailure>,
}

impl<P: FnMut(ReplayProgress)> StoreReplay<'_, P> {
    fn stream<A: Aggregate>(&mut self, stream: &StreamId) -> Result<(), ReadError> {
        let mut fold = Fold::<A> {
            state: None,
            has_failed: false,
            last_skipped: None,
        };
        self.report.streams += 1;
        self.store.read_stream(stream).visit(|event| {
            self.event(event, &mut fold);
            if (self.report.events + self.report.skipped).is_multiple_of(EVENTS) {
                self.tell();
            }
            ControlFlow::Continue(())
        })?;
        // A stream of retired events alone cannot be loaded.
        if fold.state.is_none() && !fold.has_failed {
            self.report.failures.extend(fold.last_skipped);
        }
        Ok(())
    }

    fn event<A: Aggregate>(&mut self, event: &RecordedEvent<'_>, fold: &mut Fold<A>) {
        let flaw = match fold.take(event) {
            Err(ReplayFlaw::Decode(DecodeError::Retired { type_name })) => {
                self.report.skipped += 1;
                let flaw = ReplayFlaw::NotCreated { event: type_name };
                fold.last_skipped = Some(ReplayFailure::of(event, flaw));
                return;
            }
            taken => taken.err(),
        };
        self.report.events += 1;
        if let Some(flaw) = flaw {
            fold.has_failed = true;
            self.report.failures.push(ReplayFailure::of(event, flaw));
        }
    }

    fn tell(&mut self) {
        (self.on_progress)(ReplayProgress {
            streams: self.report.streams,
            events: self.report.events + self.report.skipped,
            at_most: self.store.head().get(),
        });
    }
}

impl<A: Aggregate> Fold<A> {
    /// Takes one event in. Upcasts and handlers are the program's own, and may panic.
    fn take(&mut self, event: &RecordedEvent<'_>) -> Result<(), ReplayFlaw> {
        if A::Id::from_key(event.stream().key()).is_none() {
            return Err(ReplayFlaw::Key {
                id: std::any::type_name::<A::Id>(),
            });
        }
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let scratch = Scratch::new();
            let views = A::Event::decode(event, &scratch)?;
            if views.is_empty() {
                // Split into nothing: a load passes over it as it does over a retired one.
                let type_name = known_name::<A::Event>(event);
                return Err(DecodeError::Retired { type_name }.into());
            }
            if self.has_failed {
                return Ok(());
            }
            let apply = |view| A::apply(&mut self.state, view, event.meta());
            let applied = views.try_each(apply);
            match scratch.fault() {
                // A copy of a store comes without its vault: its personal data is read as shredded.
                None | Some(PiiError::NoVault) => {}
                Some(fault) => return Err(fault.clone().into()),
            }
            applied.map_err(|missing| ReplayFlaw::NotCreated {
                event: missing.event,
            })
        }));
        taken.unwrap_or_else(|panic| Err(ReplayFlaw::Panicked(panic_message(panic.as_ref()))))
    }
}
