//! `Timestamp` and `civil::Date` of jiff, seen by value.
//!
//! Timestamps are rounded to microseconds, towards the past.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{Day, Moment, row_key};
use super::{Foreign, field};

impl Foreign for Timestamp {
    type Form = Moment;
    const ORIGIN: Self = Self::UNIX_EPOCH;

    fn to_value(self) -> Option<i64> {
        i64::try_from(self.as_nanosecond().div_euclid(1_000)).ok()
    }
    fn from_value(micros: i64) -> Option<Self> {
        // By nanoseconds: `from_microsecond` refuses the last second that there is.
        Self::from_nanosecond(i128::from(micros) * 1_000).ok()
    }
}

impl Foreign for Date {
    type Form = Day;
    const ORIGIN: Self = Self::constant(1970, 1, 1);

    fn to_value(self) -> Option<i32> {
        let days = self.duration_since(Self::ORIGIN).as_hours() / 24;
        i32::try_from(days).ok()
    }
    fn from_value(days: i32) -> Option<Self> {
        let span = SignedDuration::from_hours(i64::from(days) * 24);
        Self::ORIGIN.checked_add(span).ok()
    }
}

field!(Timestamp, Date);
row_key!(Timestamp as i64, Date as i32);
