//! When an aggregate takes snapshots.

use proc_macro2::Ident;

use super::{Aggregate, Apply};

/// `#[aggregate(.., snapshot(every = 500, on(AccountClosed)))]`
#[derive(Default)]
pub(crate) struct Snapshot {
    pub(crate) every: Option<u64>,
    /// `after_replay = "5ms"`
    pub(crate) after_replay_micros: Option<u64>,
    /// The events as they are written, by variant or by view.
    pub(crate) on: Vec<Ident>,
    pub(crate) revision: Option<u64>,
}

impl Aggregate {
    /// The handlers of the event with this name: its variant's, `Closed`, or its view's,
    /// `AccountClosed`. Under `cfg` there may be several.
    pub(crate) fn handlers_of(&self, event: &Ident) -> Vec<&Apply> {
        let by_variant = self.handlers(|apply| apply.variant == *event);
        if by_variant.is_empty() {
            self.handlers(|apply| apply.view_name == *event)
        } else {
            by_variant
        }
    }

    fn handlers(&self, is_wanted: impl Fn(&Apply) -> bool) -> Vec<&Apply> {
        let applies = self.applies.iter();
        applies.filter(|apply| is_wanted(apply)).collect()
    }
}
