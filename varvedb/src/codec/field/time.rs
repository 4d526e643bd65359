//! `SystemTime` and [`Timestamp`]: microseconds since 1970 UTC, seen by value.

use std::time::SystemTime;

use rkyv::Place;
use rkyv::rend::i64_le;

use super::{EncodeError, Encoder, Field};
use crate::clock::Timestamp;
use crate::codec::payload::NotEncoded;
use crate::codec::schema::Schema;

/// The layout of a moment, whatever type it has in Rust.
pub(super) const MOMENT: Schema = Schema::Fixed {
    name: "time_us",
    size: 8,
    align: 8,
};

impl Field for Timestamp {
    type Archived = i64_le;
    type Resolver = ();
    type View<'a> = Self;
    const SCHEMA: Schema = MOMENT;

    fn serialize(&self, _: &mut Encoder<'_>) -> Result<(), EncodeError> {
        Ok(())
    }
    fn resolve(&self, (): (), out: Place<i64_le>) {
        out.write(i64_le::from_native(self.as_micros()));
    }
    fn view(&self) -> Self {
        *self
    }
    fn view_archived(archived: &i64_le) -> Self {
        Self::from_micros(archived.to_native())
    }
    fn from_view(view: Self) -> Self {
        view
    }
}

/// Rounded to microseconds, towards the past; seen so before it is stored, too.
impl Field for SystemTime {
    type Archived = i64_le;
    type Resolver = Timestamp;
    type View<'a> = Self;
    const SCHEMA: Schema = MOMENT;

    fn serialize(&self, _: &mut Encoder<'_>) -> Result<Timestamp, EncodeError> {
        let time = Timestamp::from(*self);
        if time.as_micros() == i64::MAX || time.as_micros() <= -i64::MAX {
            let value = format!("{self:?}");
            let what = "64 bits of microseconds since 1970";
            return Err(NotEncoded::OutOfRange { value, what }.into());
        }
        Ok(time)
    }
    fn resolve(&self, time: Timestamp, out: Place<i64_le>) {
        time.resolve((), out);
    }
    fn view(&self) -> Self {
        Timestamp::from(*self).into()
    }
    fn view_archived(archived: &i64_le) -> Self {
        Timestamp::view_archived(archived).into()
    }
    fn from_view(view: Self) -> Self {
        view
    }
}
