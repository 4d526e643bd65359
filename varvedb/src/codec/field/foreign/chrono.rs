//! `DateTime<Utc>`, `NaiveDateTime` and `NaiveDate` of chrono, seen by value.
//!
//! Moments are rounded to microseconds, towards the past. A leap second is the beginning of the
//! next minute: what is stored counts seconds as if there were none. A `NaiveDateTime` is stored as
//! if it were UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::calendar::{Day, Moment, row_key};
use super::{Foreign, field};

impl Foreign for DateTime<Utc> {
    type Form = Moment;
    const ORIGIN: Self = Self::UNIX_EPOCH;

    fn to_value(self) -> Option<i64> {
        Some(self.timestamp_micros())
    }
    fn from_value(micros: i64) -> Option<Self> {
        Self::from_timestamp_micros(micros)
    }
}

impl Foreign for NaiveDateTime {
    type Form = Moment;
    const ORIGIN: Self = DateTime::UNIX_EPOCH.naive_utc();

    fn to_value(self) -> Option<i64> {
        self.and_utc().to_value()
    }
    fn from_value(micros: i64) -> Option<Self> {
        DateTime::from_value(micros).map(|moment| moment.naive_utc())
    }
}

impl Foreign for NaiveDate {
    type Form = Day;
    const ORIGIN: Self = DateTime::UNIX_EPOCH.naive_utc().date();

    fn to_value(self) -> Option<i32> {
        Some(self.to_epoch_days())
    }
    fn from_value(days: i32) -> Option<Self> {
        Self::from_epoch_days(days)
    }
}

field!(DateTime<Utc>, NaiveDateTime, NaiveDate);
row_key!(DateTime<Utc> as i64, NaiveDateTime as i64, NaiveDate as i32);
