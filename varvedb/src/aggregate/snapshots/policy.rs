//! When a snapshot is taken.

use std::fmt;
use std::time::Duration;

use crate::aggregate::Aggregate;
use crate::codec::Event;

type IsMet<A> = fn(&<<A as Aggregate>::Event as Event>::View<'_>) -> bool;

/// Reasons to take a snapshot; any one is enough.
pub(in crate::aggregate) struct Policy<A: Aggregate> {
    pub(super) every: Option<u64>,
    pub(super) after_replay_micros: Option<u64>,
    pub(super) on: Option<IsMet<A>>,
}

/// What a load had to do.
#[derive(Clone, Copy, Debug)]
pub(in crate::aggregate) struct Loaded {
    /// Events that it replayed: those since the last snapshot.
    pub(in crate::aggregate) replayed: u64,
    pub(in crate::aggregate) took: Duration,
    /// Whether one of them is of a kind that asks for a snapshot.
    pub(in crate::aggregate) met_event: bool,
}

impl<A: Aggregate> Policy<A> {
    pub(super) const NEVER: Self = Self {
        every: None,
        after_replay_micros: None,
        on: None,
    };

    /// Whether the state that was just loaded is worth a snapshot.
    pub(in crate::aggregate) fn is_due_after_load(&self, loaded: &Loaded) -> bool {
        let took_long = || {
            self.after_replay_micros
                .is_some_and(|micros| loaded.took > Duration::from_micros(micros))
        };
        loaded.replayed > 0 && (loaded.met_event || self.is_many(loaded.replayed) || took_long())
    }

    /// Whether a save of these events, which makes so many since the last snapshot, asks for one.
    pub(in crate::aggregate) fn is_due_after_save(&self, since: u64, saved: &[A::Event]) -> bool {
        self.is_many(since) || saved.iter().any(|event| self.is_met_by(&event.view()))
    }

    /// Whether this event asks for a snapshot.
    pub(in crate::aggregate) fn is_met_by(&self, event: &<A::Event as Event>::View<'_>) -> bool {
        self.on.is_some_and(|is_met| is_met(event))
    }

    fn is_many(&self, events: u64) -> bool {
        self.every.is_some_and(|every| events >= every)
    }
}

impl<A: Aggregate> fmt::Debug for Policy<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("every", &self.every)
            .field("after_replay_micros", &self.after_replay_micros)
            .field("on", &self.on.is_some())
            .finish()
    }
}
