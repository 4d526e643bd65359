//! The streams of the tail, and those that were written to lately: the last version of each, and its
//! last run.
//!
//! One map for both: an append looks at its stream here before it is laid, and changes what it has
//! just looked at when it is added. With a million streams, each look at another place of the memory
//! costs as much as the rest of an append's way through the writer.
//!
//! A stream is forgotten once its runs have left the tail and others were written to later. That is
//! done after a fold, and part by part, so that neither the writer nor a reader waits for long.

use std::collections::HashMap;

use super::name::{NameHasher, StreamName};
use crate::position::Version;

/// So many maps, each with a part of the streams: one of them grows, or is tidied up, in a fraction of
/// a millisecond.
pub(super) const PARTS: usize = 64;

#[derive(Debug)]
pub(super) struct Streams {
    parts: Vec<Part>,
    /// With how many streams a part is left alone: those of the tail are among them.
    remembered: usize,
}

type Part = HashMap<StreamName, Known, NameHasher>;

/// What is known of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The version of its last event.
    pub(super) version: Version,
    /// The number of its last run, which may have left the tail.
    pub(super) last_run: u64,
}

impl Streams {
    /// Remembers about so many streams, however long ago they left the tail; more only while they are in it.
    pub(super) fn new(remembered: usize) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Part::default()).collect(),
            // The parts are not equally full: a little more for each.
            remembered: (remembered / PARTS).saturating_add(remembered / PARTS / 8),
        }
    }

    pub(super) fn get(&self, stream: &StreamName) -> Option<&Known> {
        self.parts.get(part(stream))?.get(stream)
    }

    /// Takes down a stream's newest run, and gives the number of the one before.
    pub(super) fn extend(&mut self, stream: &StreamName, known: Known) -> Option<u64> {
        let part = self.parts.get_mut(part(stream))?;
        if let Some(before) = part.get_mut(stream) {
            return Some(std::mem::replace(before, known).last_run);
        }
        part.insert(stream.clone(), known);
        None
    }

    /// Makes room in one of the [`PARTS`], if it has too many: forgets the streams that were written to
    /// longest ago, down to half of what is remembered, and none that has runs from `first_run` on.
    pub(super) fn forget(&mut self, part: usize, first_run: u64) {
        let Some(part) = self.parts.get_mut(part) else {
            return;
        };
        if part.len() <= self.remembered {
            return;
        }
        let mut runs: Vec<u64> = part.values().map(|known| known.last_run).collect();
        let surplus = runs.len() - self.remembered / 2;
        let oldest_kept = if surplus < runs.len() {
            let (_, oldest_kept, _) = runs.select_nth_unstable(surplus);
            (*oldest_kept).min(first_run)
        } else {
            first_run
        };
        part.retain(|_, known| known.last_run >= oldest_kept);
        // One that has shrunk to a quarter will hardly grow back at once.
        if part.len() < part.capacity() / 4 {
            part.shrink_to(self.remembered);
        }
    }
}

fn part(stream: &StreamName) -> usize {
    // Bits that the maps themselves use least.
    usize::try_from(stream.hash() >> 32).unwrap_or_default() % PARTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::KeyRef;

    fn stream(key: u64) -> StreamName {
        StreamName::new(1, KeyRef::Number(key)).unwrap()
    }

    fn write(streams: &mut Streams, key: u64, run: u64) -> Option<u64> {
        let version = Version::new(1);
        let known = Known {
            version,
            last_run: run,
        };
        streams.extend(&stream(key), known)
    }

    /// Each key in a run of its own, which has the same number.
    fn fill(streams: &mut Streams, keys: std::ops::Range<u64>) {
        for key in keys {
            assert_eq!(write(streams, key, key), None);
        }
    }

    fn known(streams: &Streams, keys: std::ops::Range<u64>) -> usize {
        keys.filter(|key| streams.get(&stream(*key)).is_some())
            .count()
    }

    fn tidy(streams: &mut Streams, first_run: u64) {
        (0..PARTS).for_each(|part| streams.forget(part, first_run));
    }

    #[test]
    fn a_stream_leads_from_its_newest_run_to_the_one_before() {
        let mut streams = Streams::new(10);
        assert_eq!(write(&mut streams, 1, 5), None);
        assert_eq!(write(&mut streams, 2, 6), None);
        assert_eq!(write(&mut streams, 1, 7), Some(5));
        assert_eq!(streams.get(&stream(1)).map(|known| known.last_run), Some(7));
    }

    #[test]
    fn nothing_is_forgotten_while_there_is_room() {
        let mut streams = Streams::new(10_000);
        fill(&mut streams, 0..5_000);
        tidy(&mut streams, 5_000);
        assert_eq!(known(&streams, 0..5_000), 5_000);
    }

    #[test]
    fn what_was_written_to_longest_ago_is_forgotten_first() {
        let mut streams = Streams::new(10_000);
        fill(&mut streams, 0..30_000);
        tidy(&mut streams, 30_000);
        assert_eq!(known(&streams, 0..20_000), 0);
        let newest = known(&streams, 25_500..30_000);
        assert!(newest > 4_400, "{newest}");
        assert!(known(&streams, 20_000..30_000) < 7_000);
    }

    #[test]
    fn no_stream_of_the_tail_is_forgotten() {
        let mut streams = Streams::new(0);
        fill(&mut streams, 0..1_000);
        tidy(&mut streams, 400);
        assert_eq!(known(&streams, 0..400), 0);
        assert_eq!(known(&streams, 400..1_000), 600);
    }
}
