//! The full chunks of one stream, as they come: each begins where the one before ended.
//!
//! A chunk that is missing, doubled or from elsewhere would change what a stream holds, and nothing
//! else would tell.

use super::Order;
use super::environment::damaged;
use crate::error::StorageError;
use crate::position::Version;

/// What was seen of the chunks that hold the versions from `first` to `last`.
#[derive(Debug)]
pub(super) struct Chain {
    first: Version,
    last: Version,
    order: Order,
    /// Where the next chunk has to join.
    joint: Option<u64>,
}

impl Chain {
    pub(super) fn new(first: Version, last: Version, order: Order) -> Self {
        Self {
            first,
            last,
            order,
            joint: None,
        }
    }

    /// Takes the next chunk; says which version lies before it.
    pub(super) fn join(&mut self, key: &[u8], points: usize) -> Result<Version, StorageError> {
        let start = key.last_chunk().copied().map_or(0, u64::from_be_bytes);
        let end = start.saturating_add(points as u64);
        let (near, far) = match self.order {
            Order::Forwards => (start, end),
            Order::Backwards => (end, start),
        };
        let joins = match self.joint {
            Some(joint) => near == joint,
            None => (start..end).contains(&self.beginning().get()),
        };
        self.joint = Some(far);
        let before = start.checked_sub(1).filter(|_| joins).map(Version::new);
        before.ok_or_else(|| damaged("runs", "the chunks of a stream do not join"))
    }

    /// Fails when chunks are missing at the end.
    pub(super) fn check_end(&self) -> Result<(), StorageError> {
        let reaches_end = self.joint.is_some_and(|joint| match self.order {
            Order::Forwards => joint > self.last.get(),
            Order::Backwards => joint <= self.first.get(),
        });
        if reaches_end {
            return Ok(());
        }
        Err(damaged("runs", "a chunk of a stream is missing"))
    }

    /// The version that the first chunk must hold.
    fn beginning(&self) -> Version {
        match self.order {
            Order::Forwards => self.first,
            Order::Backwards => self.last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks of 64 events that begin at these versions, read for the versions 70 to 200.
    fn read(order: Order, starts: &[u64]) -> Result<(), StorageError> {
        let mut chain = Chain::new(Version::new(70), Version::new(200), order);
        for start in starts {
            let before = chain.join(&start.to_be_bytes(), 64)?;
            assert_eq!(before, start - 1);
        }
        chain.check_end()
    }

    #[test]
    fn chunks_that_follow_one_another_are_a_whole() {
        read(Order::Forwards, &[65, 129, 193]).unwrap();
        read(Order::Backwards, &[193, 129, 65]).unwrap();
    }

    #[test]
    fn what_is_missing_doubled_or_from_elsewhere_is_damage() {
        for order in [Order::Forwards, Order::Backwards] {
            for starts in [
                &[][..],
                &[65, 129],
                &[129, 193],
                &[65, 193],
                &[65, 129, 129, 193],
                &[65, 130, 193],
                &[1, 65, 129, 193],
                &[0, 64, 128, 192],
                &[u64::MAX],
            ] {
                let mut starts = starts.to_vec();
                if order == Order::Backwards {
                    starts.reverse();
                }
                let said = read(order, &starts).map_err(|error| error.to_string());
                let is_whole = order == Order::Backwards && starts == [193, 129, 65, 1];
                assert_eq!(said.is_ok(), is_whole, "{order:?} {starts:?}: {said:?}");
            }
        }
    }
}
