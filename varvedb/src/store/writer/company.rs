//! Whether a group should wait a moment for the rest of the callers.
//!
//! Callers that were just answered come back with their next commit within microseconds. A group
//! that is closed when the first of them is there leaves the others to wait for two syncs instead
//! of one; so it waits, as long as a fraction of a sync, for about as many as came lately.

use std::time::{Duration, Instant};

/// How long a group waits at most for somebody who does not come: a fraction of the sync that it saves.
const PATIENCE: Duration = Duration::from_micros(40);

/// How long it waits while others keep coming. Of hundreds of callers the last would come after more
/// than a sync: the group leaves without them, and they come while it is on its way to the disk.
const PATIENCE_IN_COMPANY: Duration = Duration::from_micros(120);

#[derive(Debug, Default)]
pub(super) struct Company {
    /// How many jobs a group had lately; forgotten by and by.
    expected: usize,
    waiting_since: Option<Instant>,
}

impl Company {
    /// Whether a group of so many jobs should wait for more; some have `come` since it was asked last.
    pub(super) fn is_missed(
        &mut self,
        jobs: usize,
        come: bool,
        now: impl FnOnce() -> Instant,
    ) -> bool {
        if jobs >= self.expected {
            return false;
        }
        let now = now();
        let since = *self.waiting_since.get_or_insert(now);
        let patience = if come { PATIENCE_IN_COMPANY } else { PATIENCE };
        now.saturating_duration_since(since) < patience
    }

    /// A group was closed with so many.
    pub(super) fn came(&mut self, jobs: usize) {
        self.waiting_since = None;
        self.expected = jobs.max(self.expected - self.expected.div_ceil(8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lonely_caller_is_never_kept_waiting() {
        let mut company = Company::default();
        for _ in 0..3 {
            assert!(!company.is_missed(1, true, || unreachable!("nobody looks at the clock")));
            company.came(1);
        }
    }

    #[test]
    fn a_group_waits_for_as_many_as_came_before_but_not_long() {
        let mut company = Company::default();
        company.came(64);
        let begun = Instant::now();
        assert!(company.is_missed(5, false, || begun));
        assert!(company.is_missed(63, false, || begun + PATIENCE / 2));
        assert!(!company.is_missed(63, false, || begun + PATIENCE));
        assert!(!company.is_missed(64, false, || begun));
    }

    #[test]
    fn a_group_waits_longer_while_others_keep_coming_but_not_for_ever() {
        let mut company = Company::default();
        company.came(512);
        let begun = Instant::now();
        assert!(company.is_missed(100, true, || begun));
        assert!(company.is_missed(200, true, || begun + PATIENCE * 2));
        assert!(!company.is_missed(200, false, || begun + PATIENCE * 2));
        assert!(!company.is_missed(300, true, || begun + PATIENCE_IN_COMPANY));
    }

    #[test]
    fn those_who_stay_away_are_forgotten() {
        let mut company = Company::default();
        company.came(64);
        for _ in 0..64 {
            company.came(1);
        }
        assert!(!company.is_missed(1, false, Instant::now));
    }
}
