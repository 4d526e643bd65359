//! `OffsetDateTime` and `Date` of time, seen by value.
//!
//! An `OffsetDateTime` is stored as the moment it names, rounded to microseconds towards the past;
//! its offset is not kept, and it is seen as UTC.

use time::{Date, OffsetDateTime};

use super::calendar::{Day, Moment, row_key};
use super::{Foreign, field};

impl Foreign for OffsetDateTime {
    type Form = Moment;
    const ORIGIN: Self = Self::UNIX_EPOCH;

    fn to_value(self) -> Option<i64> {
        i64::try_from(self.unix_timestamp_nanos().div_euclid(1_000)).ok()
    }
    fn from_value(micros: i64) -> Option<Self> {
        Self::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
    }
}

/// 1970-01-01.
const EPOCH_JULIAN_DAY: i32 = Date::ORIGIN.to_julian_day();

impl Foreign for Date {
    type Form = Day;
    const ORIGIN: Self = OffsetDateTime::UNIX_EPOCH.date();

    fn to_value(self) -> Option<i32> {
        self.to_julian_day().checked_sub(EPOCH_JULIAN_DAY)
    }
    fn from_value(days: i32) -> Option<Self> {
        let julian_day = days.checked_add(EPOCH_JULIAN_DAY)?;
        Self::from_julian_day(julian_day).ok()
    }
}

field!(OffsetDateTime, Date);
row_key!(OffsetDateTime as i64, Date as i32);
