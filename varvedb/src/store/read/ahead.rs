//! Looking ahead of a read that goes from place to place.

use std::time::{Duration, Instant};

use crate::log::{Snapshot, Sought};
use crate::position::Place;

/// How many records are looked at before they are read: about as many as memory gives at a time.
const AHEAD: usize = 8;

/// Nothing that is in memory takes so long to look at.
const COLD: Duration = Duration::from_micros(150);

/// Sees to it that what is read next is on its way.
pub(super) struct Ahead<'s> {
    log: &'s Snapshot,
    sought: Sought,
    /// Whether the log has to come from the disk; not known before the first look.
    is_cold: Option<bool>,
}

impl<'s> Ahead<'s> {
    pub(super) fn new(log: &'s Snapshot, sought: Sought) -> Self {
        Self {
            log,
            sought,
            is_cold: None,
        }
    }

    /// Looks at the records at the next places. If the first had to come from the disk, asks for
    /// all `behind` them, too, and then for what each of them needs besides.
    pub(super) fn look<'p, P: 'p>(
        &mut self,
        next: &'p [P],
        behind: &'p [P],
        place: impl Fn(&'p P) -> Place + Clone,
    ) {
        let places = next.iter().map(place.clone());
        if self.is_cold == Some(true) {
            self.log.fetch_frames(places.clone(), self.sought);
        }
        let begun = (self.is_cold.is_none() && !behind.is_empty()).then(Instant::now);
        self.log.warm(places, self.sought);
        if let Some(begun) = begun {
            let is_cold = begun.elapsed() > COLD;
            self.is_cold = Some(is_cold);
            if is_cold {
                self.log.fetch(behind.iter().map(place));
            }
        }
    }
}

/// The places to look at next, and those behind them; `None` at the end.
pub(super) fn split_next<P>(places: &[P]) -> Option<(&[P], &[P])> {
    let split = places.split_at(AHEAD.min(places.len()));
    (!split.0.is_empty()).then_some(split)
}
