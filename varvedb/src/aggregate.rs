//! Aggregates: state that is folded from one stream, and the commands that decide what follows.

mod command;
mod repository;
mod root;
mod snapshots;

pub use self::command::{Command, IntoEvents, Rejected, absent, existing, into_events};
pub use self::repository::{AsOf, ExecuteError, LoadError, Repository, SaveError, Saved};
pub use self::root::Root;
pub use self::snapshots::{Snapshots, snapshots};
use crate::codec::{Event, NoId};
use crate::event::Meta;
use crate::store::SubjectShredded;
use crate::stream::StreamKey;

/// A consistency boundary: one stream, the state folded from it, and what can be asked of it.
///
/// Implemented by `#[aggregate(id = .., event = .., error = ..)]` on the `impl` block that holds the
/// handlers.
pub trait Aggregate: Sized + Send + 'static {
    /// The type's name in Rust. Messages say it; snapshots and the boxes in them are bound to it, so they are made anew
    /// after it is changed.
    const NAME: &'static str;
    /// What names one of its streams.
    type Id: StreamKey;
    /// What happens to it.
    type Event: Event<Id: IdFor<Self::Id>>;
    /// Why a command may be refused.
    type Error: Send + 'static;

    /// Whether a handler looks at the [`Meta`] of its event. If none does, a load need not find out
    /// ids and times.
    #[doc(hidden)]
    const READS_META: bool = true;

    /// Takes one event into the state; `None` is a stream without events.
    fn apply(
        state: &mut Option<Self>,
        event: <Self::Event as Event>::View<'_>,
        meta: &Meta<'_>,
    ) -> Result<(), NotCreated>;

    /// Whether somebody wants to hear of a shred.
    #[doc(hidden)]
    const HANDLES_SHREDDED: bool = false;

    /// Takes a shred into the state.
    #[doc(hidden)]
    fn shredded(&mut self, event: SubjectShredded<'_>) {
        let _ = event;
    }

    /// When snapshots are taken; `None`, never, unless `snapshot(..)` asks for them.
    #[doc(hidden)]
    fn snapshots() -> Option<&'static Snapshots<Self>> {
        None
    }
}

/// An event met a state that no earlier event had created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCreated {
    /// The variant.
    pub event: &'static str,
}

/// What generated code does before a handler that takes `&mut self`.
pub fn created<'a, A>(
    state: &'a mut Option<A>,
    event: &'static str,
) -> Result<&'a mut A, NotCreated> {
    state.as_mut().ok_or(NotCreated { event })
}

/// An event's own id, compared with the id of the aggregate that decided it.
#[diagnostic::on_unimplemented(
    message = "the events name their stream by `{Self}`, the aggregate by `{I}`",
    label = "not the type of the events' `#[stream_id]` fields"
)]
pub trait IdFor<I> {
    /// Whether both name the same stream.
    fn names(&self, id: &I) -> bool;
    /// The id, for a message.
    fn describe(&self) -> String;
}

impl<I: StreamKey> IdFor<I> for I {
    fn names(&self, id: &I) -> bool {
        self == id
    }

    fn describe(&self) -> String {
        format!("{self:?}")
    }
}

impl<I> IdFor<I> for NoId {
    fn names(&self, _: &I) -> bool {
        match *self {}
    }

    fn describe(&self) -> String {
        match *self {}
    }
}
