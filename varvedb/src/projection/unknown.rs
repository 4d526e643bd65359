//! Events that a projection has no handler for: which of them are no business of its own, and what becomes of
//! those that the program does not know.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;

use super::{HandlerError, Interest, Tables};
use crate::codec::{EventSchema, Unknown};
use crate::event::{RecordedEvent, type_hash};

/// What a projection does with an event that the program does not know: of a revision newer than its handler's, or,
/// in a category of its own, of a type that its enums neither have nor have retired.
///
/// Events of its enums' other types, and of other categories, are passed over without a word.
///
/// ```
/// use varvedb::prelude::*;
/// use varvedb::projection::OnUnknown;
///
/// #[derive(VarveEvent)]
/// #[varve(stream = "lamp")]
/// enum LampEvent {
///     Hung { #[stream_id] lamp: u64 },
/// }
///
/// #[derive(Default)]
/// struct Journal(Vec<String>);
///
/// #[projection(name = "journal")]
/// impl Journal {
///     #[on]
///     fn hung(&mut self, e: LampHung<'_>) {
///         self.0.push(format!("lamp {} was hung", e.lamp));
///     }
/// }
///
/// # let dir = tempfile::tempdir()?;
/// # let store = Store::open(dir.path().join("house.varve"))?;
/// let mut processor = Processor::new(&store);
/// let journal = processor.register_with(
///     Journal::default(),
///     OnUnknown::raw(|journal: &mut Journal, event, _| {
///         journal.0.push(format!("something happened: {}", event.type_name()));
///         Ok(())
///     }),
/// )?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub enum OnUnknown<P> {
    /// It stops, at this event.
    Error,
    /// It passes it over, counts it in [`ProjectionStatus::skipped`](super::ProjectionStatus::skipped), and says so
    /// in its trace.
    Skip,
    /// It is handed the event as it was recorded.
    Raw(RawHandler<P>),
}

/// What takes an event as it was recorded; see [`OnUnknown::raw`].
pub type RawHandler<P> = Box<
    dyn Fn(&mut P, &RecordedEvent<'_>, &mut Tables<'_>) -> Result<(), HandlerError> + Send + Sync,
>;

impl<P> OnUnknown<P> {
    /// Hands such events to this handler, in their order among all others. Tables are those of a projection that
    /// takes them. Any error stops the projection, as one of its other handlers does.
    pub fn raw(
        handler: impl Fn(
            &mut P,
            &RecordedEvent<'_>,
            &mut Tables<'_>,
        ) -> Result<(), Box<dyn Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::Raw(Box::new(move |projection, event, tables| {
            handler(projection, event, tables).map_err(HandlerError::Failed)
        }))
    }

    /// Whether a store may know more than the program when the projection is registered.
    pub(super) fn at_opening(&self) -> Unknown {
        match self {
            Self::Error => Unknown::Error,
            Self::Skip | Self::Raw(_) => Unknown::Skip,
        }
    }
}

impl<P> fmt::Debug for OnUnknown<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "Error",
            Self::Skip => "Skip",
            Self::Raw(_) => "Raw(..)",
        })
    }
}

/// What the types of events mean to a projection.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    meanings: HashMap<u64, Meaning>,
    /// The categories of its enums.
    categories: HashSet<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// There is a handler.
    Handled,
    /// There is none, on purpose.
    Nothing,
    /// An enum has retired it.
    Retired,
    /// It should mean something, but nobody here knows what.
    Unknown,
}

impl Vocabulary {
    pub(super) fn of(interests: &[Interest]) -> Self {
        let mut vocabulary = Self::default();
        for interest in interests {
            for schema in (interest.schemas)() {
                vocabulary.learn(schema);
            }
        }
        for interest in interests {
            for hash in interest.hashes() {
                vocabulary.meanings.insert(hash, Meaning::Handled);
            }
        }
        vocabulary
    }

    /// What one enum has retired, another may still have.
    fn learn(&mut self, schema: &EventSchema) {
        let categories = [schema.name]
            .into_iter()
            .filter_map(|name| name.split('.').next());
        self.categories.extend(categories);
        for retired in schema.retired {
            self.meanings
                .entry(type_hash(retired))
                .or_insert(Meaning::Retired);
        }
        for name in schema.aliases.iter().chain([&schema.name]) {
            self.meanings.insert(type_hash(name), Meaning::Nothing);
        }
    }

    pub(super) fn meaning(&self, event: &RecordedEvent<'_>) -> Meaning {
        match self.meanings.get(&event.meta().type_hash) {
            Some(meaning) => *meaning,
            None if self.categories.contains(event.stream().category()) => Meaning::Unknown,
            None => Meaning::Nothing,
        }
    }
}
