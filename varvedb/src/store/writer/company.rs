//! Whether a group should wait a moment for the rest of the callers.
//!
//! Callers that were just answered come back with their next commit within microseconds. A group
//! that is closed when the first of them is there leaves the others to wait for two syncs instead
//! of one; so it waits, as long as a fraction of a sync, for about as many as came lately.

use std::time::{Duration, Instant};

/// How long a group waits at most: a fraction of the sync that it saves.
const PATIENCE: Duration = Duration::from_micros(40);

#[derive(Debug, Default)]
pub(super) struct Company {
    /// How many jobs a group had lately; forgotten by and by.
    expected: usize,
    waiting_since: Option<Instant>,
}

impl Company {
    /// Whether a group of so many jobs should wait for more.
    pub(super) fn is_missed(&mut self, jobs: usize) -> bool {
        jobs < self.expected
            && self
                .waiting_since
                .get_or_insert_with(Instant::now)
                .elapsed()
                < PATIENCE
    }

    /// A group was closed with so many.
    pub(super) fn came(&mut self, jobs: usize) {
        self.waiting_since = None;
        self.expected = jobs.max(self.expected - self.expected.div_ceil(8));
    }
}
