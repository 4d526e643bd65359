//! Projections: recorded events into read models, and the processor that feeds them.

mod handler;
mod processor;
mod read_model;
mod runner;
mod table;
mod unknown;

pub(crate) use self::handler::panic_message;
pub use self::handler::{HandlerError, HandlerResult, handled};
pub use self::processor::{Processor, ProcessorError, ProjectionState, ProjectionStatus};
pub use self::read_model::{ReadModel, ReadModelGuard};
pub use self::table::{ReadTables, Table, TableError, Tables};
pub use self::unknown::{OnUnknown, RawHandler};
use crate::codec::{EventSchema, SplitType};
use crate::event::RecordedEvent;

/// Turns events into a read model. Implemented by `#[projection(name = "..")]` on the `impl` block
/// that holds the handlers.
pub trait Projection: Send + Sync + 'static {
    /// The name under which its checkpoint and its tables are kept.
    const NAME: &'static str;
    /// Where its read model lives, which decides where it starts.
    const HOME: Home;

    /// The types of events it has handlers for.
    fn interests() -> Vec<Interest>;

    /// Hands one event to its handler; events without one are passed over.
    fn handle(
        &mut self,
        event: &RecordedEvent<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), HandlerError>;
}

impl Interest {
    /// The hashes of all types that have something to tell of this one.
    pub fn hashes(&self) -> impl Iterator<Item = u64> {
        let split = self.splits.iter().flat_map(|split| split.hashes);
        let named = self.aliases.iter().copied().chain([self.hash]);
        named.chain(split.copied())
    }
}

/// Where a projection's read model lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the projection's own fields: it is gone with the process, so every start is from the
    /// first event.
    Memory,
    /// In the store's tables: it goes on after its checkpoint, each event exactly once.
    Tables,
    /// Somewhere else (`#[projection(resume)]`): it goes on after its checkpoint, each event at
    /// least once. The checkpoint lies in the index: whoever removes that has every event handled
    /// again.
    Elsewhere,
}

/// One type of event that a projection handles.
#[derive(Clone, Copy, Debug)]
pub struct Interest {
    /// The hash of its stored name.
    pub hash: u64,
    /// Its stored name.
    pub name: &'static str,
    /// The hashes of the names that it had before.
    pub aliases: &'static [u64],
    /// The types of its enum of which old events may be one of this type, among others.
    pub splits: &'static [SplitType],
    /// The schemas of its enum, which the store compares with its own.
    pub schemas: fn() -> &'static [EventSchema],
}
