//! How long callers waited for their answers.

use std::fmt;
use std::time::{Duration, Instant};

/// Waits, in nanoseconds; one of more than four seconds counts as four.
#[derive(Debug, Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    /// Counts the time since `last`, and gives the time now: one look at the clock.
    pub fn lap(&mut self, last: Instant) -> Instant {
        let now = Instant::now();
        self.0.push(nanoseconds(now - last));
        now
    }

    /// Takes over what another has counted.
    pub fn absorb(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn percentiles(mut self) -> Percentiles {
        self.0.sort_unstable();
        let per_mille = |share| self.0[(self.0.len() - 1) * share / 1000];
        Percentiles([500, 990, 999].map(per_mille))
    }
}

fn nanoseconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_nanos()).unwrap_or(u32::MAX)
}

/// The wait that half of all callers did not exceed, 99 of 100, and 999 of 1,000.
#[derive(Debug)]
pub struct Percentiles([u32; 3]);

impl fmt::Display for Percentiles {
    /// As cells of a table, in microseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, nearly_all] = self.0.map(|wait| f64::from(wait) / 1e3);
        write!(f, "{half:.0} / {most:.0} / {nearly_all:.0}")
    }
}
