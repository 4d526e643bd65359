//! Where an event stands: in the whole log, in its stream, and in the files.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The one before every event.
            pub const ZERO: Self = Self(0);

            /// The counter as a plain number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The plain number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The one `count` further on; stays at the end of its range.
            #[must_use]
            pub const fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }

            /// The next one.
            #[must_use]
            pub const fn next(self) -> Self {
                self.plus(1)
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for u64 {
            fn from(counter: $name) -> Self {
                counter.0
            }
        }

        impl PartialEq<u64> for $name {
            fn eq(&self, number: &u64) -> bool {
                self.0 == *number
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

counter! {
    /// A place in the log: dense, counted from 1, in the order of commits. 0 is before everything.
    ///
    /// Every lower bound in this crate is exclusive, so a position that was stored as a checkpoint
    /// is passed on as it is: what comes *after* it has not been seen yet.
    Position
}

counter! {
    /// How many events a stream holds. The n-th event is recorded at version n; 0 means no stream.
    ///
    /// Users of `KurrentDB` know it as the stream's revision; here a *revision* is the shape of an
    /// event type.
    Version
}

/// The place of a frame or record in the files: a segment, and an offset in it.
///
/// Everything in a segment is aligned to 16 bytes, so the offset counts units of 16 and fits
/// 32 bits for segments of up to 64 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) unit: u32,
}

impl Place {
    /// Bytes in one unit of [`Place::unit`].
    pub(crate) const UNIT: u64 = 16;

    /// The offset in the segment's file, in bytes.
    pub(crate) const fn offset(self) -> u64 {
        self.unit as u64 * Self::UNIT
    }

    /// So many units before, in the same segment.
    pub(crate) fn back(self, units: u32) -> Option<Self> {
        let unit = self.unit.checked_sub(units)?;
        Some(Self { unit, ..self })
    }
}
