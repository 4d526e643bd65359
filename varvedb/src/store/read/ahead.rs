//! Looking ahead of a read that goes from place to place.
//!
//! A record that is not in the CPU's caches takes a hundred times as long as one that is. So the
//! memory of all that is read soon is asked for in two steps: records far ahead, and, when they are
//! nearer and have come, what they say that they need besides.

use std::time::{Duration, Instant};

use crate::log::{Look, Snapshot, Sought};
use crate::position::Place;

/// How many records are asked for at a time. To find where a page of the log lies takes as long as to
/// fetch what is there, and the CPU waits for it: of a few it does both side by side, while of
/// many it would have nothing to do meanwhile but wait.
const GROUP: usize = 4;
/// How many records ahead they are asked for.
const FAR: usize = 4 * GROUP;
/// How many records ahead they say what they need besides.
const NEAR: usize = 2 * GROUP;

/// The same where they come from the disk, which takes many requests at a time.
const COLD_GROUP: usize = 16;

// What is looked at first was asked for, and nothing behind it is forgotten.
const _: () = assert!(NEAR <= COLD_GROUP && COLD_GROUP <= FAR);

/// Nothing that is in memory takes so long to look at.
const COLD: Duration = Duration::from_micros(150);

/// Goes through places, and sees to it that what is read next is on its way.
pub(super) struct Ahead<'s, 'p, P, F> {
    log: &'s Snapshot,
    look: Look<'s>,
    sought: Sought,
    places: &'p [P],
    place: F,
    next: usize,
    /// Whether the log has to come from the disk.
    is_cold: bool,
}

impl<'s, 'p, P, F: Fn(&P) -> Place> Ahead<'s, 'p, P, F> {
    pub(super) fn new(log: &'s Snapshot, sought: Sought, places: &'p [P], place: F) -> Self {
        let mut ahead = Self {
            log,
            look: log.look(),
            sought,
            places,
            place,
            next: 0,
            is_cold: false,
        };
        ahead.begin();
        ahead
    }

    /// Looks at the first records, and so learns whether the log is in memory.
    fn begin(&mut self) {
        for place in self.places.iter().take(FAR).map(&self.place) {
            self.look.prefetch(place);
        }
        let begun = Instant::now();
        let (first, behind) = self.places.split_at(COLD_GROUP.min(self.places.len()));
        for place in first.iter().map(&self.place) {
            self.look.touch(place);
        }
        self.is_cold = !behind.is_empty() && begun.elapsed() > COLD;
        let mut asked = NEAR;
        if self.is_cold {
            self.log.fetch(behind.iter().map(&self.place));
            asked = COLD_GROUP;
        }
        for place in first.iter().take(asked).map(&self.place) {
            self.look.prefetch_rest(place, self.sought);
        }
    }

    /// Asks for what is read soon, before the record of this index is.
    fn look_ahead(&mut self, index: usize) {
        if self.is_cold {
            if index.is_multiple_of(COLD_GROUP) && index > 0 {
                self.fetch_rest(index);
            }
        } else if index.is_multiple_of(GROUP) {
            let places = |ahead| self.places.iter().skip(index + ahead).take(GROUP);
            for place in places(FAR).map(&self.place) {
                self.look.prefetch(place);
            }
            for place in places(NEAR).map(&self.place) {
                self.look.prefetch_rest(place, self.sought);
            }
        }
    }

    /// What the next records need besides comes from the disk all at once.
    fn fetch_rest(&mut self, index: usize) {
        let next = self.places.iter().skip(index).take(COLD_GROUP);
        let places = next.map(&self.place);
        self.log.fetch_frames(places.clone(), self.sought);
        for place in places.clone() {
            self.look.touch(place);
        }
        for place in places {
            self.look.prefetch_rest(place, self.sought);
        }
    }
}

impl<'p, P, F: Fn(&P) -> Place> Iterator for Ahead<'_, 'p, P, F> {
    type Item = &'p P;

    #[inline]
    fn next(&mut self) -> Option<&'p P> {
        let index = self.next;
        let next = self.places.get(index)?;
        self.next += 1;
        self.look_ahead(index);
        Some(next)
    }
}
