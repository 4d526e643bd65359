//! Looking ahead of a read that goes from place to place.
//!
//! A record that is not in the CPU's caches takes a hundred times as long as one that is. So the
//! memory of all that is read soon is asked for in two steps: the records of the group after next,
//! and what those of the next group, which have come meanwhile, say that they need besides.

use std::time::{Duration, Instant};

use crate::log::{Snapshot, Sought};
use crate::position::Place;

/// How many records are asked for at a time.
const GROUP: usize = 16;

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

    /// Looks ahead of the next group, and splits it off from all that are left; `None` at the end.
    pub(super) fn next<'p, P>(
        &mut self,
        left: &'p [P],
        place: impl Fn(&P) -> Place,
    ) -> Option<(&'p [P], &'p [P])> {
        if left.is_empty() {
            return None;
        }
        let (now, behind) = split(left);
        let (next, behind_next) = split(behind);
        let (after_next, _) = split(behind_next);
        let places = |group: &'p [P]| group.iter().map(&place);
        match self.is_cold {
            None => {
                self.log.prefetch(places(left).take(3 * GROUP));
                let begun = Instant::now();
                self.log.touch(places(now));
                let is_cold = !behind.is_empty() && begun.elapsed() > COLD;
                self.is_cold = Some(is_cold);
                if is_cold {
                    self.log.fetch(places(behind));
                }
                self.log
                    .prefetch_rest(places(now).chain(places(next)), self.sought);
            }
            Some(false) => {
                self.log.prefetch(places(after_next));
                self.log.prefetch_rest(places(next), self.sought);
            }
            Some(true) => {
                self.log.fetch_frames(places(now), self.sought);
                self.log.touch(places(now));
                self.log.prefetch_rest(places(now), self.sought);
            }
        }
        Some((now, behind))
    }
}

fn split<P>(places: &[P]) -> (&[P], &[P]) {
    places.split_at(GROUP.min(places.len()))
}
