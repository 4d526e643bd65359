//! Moments and days: what is stored in place of the times and dates of other crates.

use rkyv::rend::{i32_le, i64_le};

use super::Form;
use crate::codec::Schema;
use crate::codec::field::time::MOMENT;

/// Microseconds since 1970, as those of `SystemTime`.
#[derive(Debug)]
pub enum Moment {}

impl Form for Moment {
    type Value = i64;
    type Archived = i64_le;
    const SCHEMA: Schema = MOMENT;
    const UNIT: &'static str = "microseconds since 1970";
    const RANGE: &'static str = "64 bits of microseconds since 1970";
}

/// Days since 1970-01-01.
#[derive(Debug)]
pub enum Day {}

impl Form for Day {
    type Value = i32;
    type Archived = i32_le;
    const SCHEMA: Schema = Schema::Fixed {
        name: "date_days",
        size: 4,
        align: 4,
    };
    const UNIT: &'static str = "days since 1970-01-01";
    const RANGE: &'static str = "32 bits of days since 1970-01-01";
}

/// Makes a [`Foreign`] whose value is a number the key of a row. A time that the form has no place
/// for has the key of the first or the last that it has.
macro_rules! row_key {
    ($($type:ty as $number:ty),*) => {$(
        impl crate::codec::RowKey for $type {
            fn encode_key(&self, out: &mut Vec<u8>) {
                let is_early = *self < <Self as crate::codec::field::foreign::Foreign>::ORIGIN;
                let nearest = if is_early { <$number>::MIN } else { <$number>::MAX };
                crate::codec::field::foreign::Foreign::to_value(*self).unwrap_or(nearest).encode_key(out);
            }

            fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
                crate::codec::field::foreign::Foreign::from_value(<$number>::decode_key(bytes)?)
            }
        }
    )*};
}
pub(super) use row_key;
