//! Types of other crates, each behind the feature that is named after its crate.
//!
//! What is stored is a [`Form`], of which this crate knows the bytes; the type only says how it is
//! turned into that form and back. So types that share a form read each other's bytes, and going
//! from one to another changes neither what is stored nor the schema.

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod calendar;
#[cfg(feature = "chrono")]
mod chrono;
mod form;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "ulid")]
mod ulid;

use std::fmt::Debug;

use rkyv::bytecheck::{CheckBytes, Verify};
use rkyv::rancor::{Fallible, Source, fail};
use rkyv::{Place, Portable};

use self::form::Form;
use super::EncodeError;
use crate::codec::payload::NotEncoded;

/// A small type of another crate.
pub trait Foreign: Copy + Debug + 'static {
    /// What is stored.
    type Form: Form;
    /// What would be seen of bytes that nobody has checked.
    const ORIGIN: Self;

    /// The value to be stored; `None` when the form has no place for it.
    fn to_value(self) -> Option<<Self::Form as Form>::Value>;
    /// The value that was stored; `None` when this type cannot represent it.
    fn from_value(value: <Self::Form as Form>::Value) -> Option<Self>;
}

/// A stored form that `T` can represent: bytes of which it cannot are refused when they are checked.
#[derive(Debug, Portable, CheckBytes)]
#[bytecheck(crate = rkyv::bytecheck, verify)]
#[repr(transparent)]
pub struct Known<T: Foreign>(<T::Form as Form>::Archived);

impl<T: Foreign> Known<T> {
    fn write(value: <T::Form as Form>::Value, out: Place<Self>) {
        rkyv::munge::munge!(let Self(form) = out);
        form.write(value.into());
    }

    /// What the bytes stand for.
    fn get(&self) -> Option<T> {
        T::from_value(self.0.into())
    }
}

// SAFETY: the only invariant is that `get` is `Some`, and this is what is verified here. The memory
// was checked before, as that of the form, and no unsafe code relies on the invariant.
#[expect(unsafe_code, reason = "what checked bytes may be trusted to mean")]
unsafe impl<T: Foreign, C: Fallible<Error: Source> + ?Sized> Verify<C> for Known<T> {
    fn verify(&self, _: &mut C) -> Result<(), C::Error> {
        if self.get().is_none() {
            fail!(Unknown::of::<T>(self.0.into()));
        }
        Ok(())
    }
}

/// Bytes that are sound, but stand for nothing that the type can represent.
#[derive(Debug, thiserror::Error)]
#[error("{value} {unit} cannot be represented as `{name}`")]
struct Unknown {
    value: String,
    unit: &'static str,
    name: &'static str,
}

impl Unknown {
    fn of<T: Foreign>(value: <T::Form as Form>::Value) -> Self {
        Self {
            value: format!("{value:?}"),
            unit: T::Form::UNIT,
            name: std::any::type_name::<T>(),
        }
    }
}

/// What is stored of a value; only what can be read again is written.
fn to_value<T: Foreign>(value: T) -> Result<<T::Form as Form>::Value, EncodeError> {
    let stored = value.to_value();
    stored
        .filter(|&stored| T::from_value(stored).is_some())
        .ok_or_else(|| {
            let value = format!("{value:?}");
            let what = T::Form::RANGE;
            NotEncoded::OutOfRange { value, what }.into()
        })
}

/// Makes a [`Foreign`] a `Field`, seen by value. What the form cannot hold, such as nanoseconds, is
/// not seen before it is stored either: a handler is given the same twice.
macro_rules! field {
    ($($type:ty),*) => {$(
        impl crate::codec::Field for $type {
            type Archived = super::Known<Self>;
            type Resolver = <<Self as super::Foreign>::Form as super::Form>::Value;
            type View<'a> = Self;
            const SCHEMA: crate::codec::Schema =
                <<Self as super::Foreign>::Form as super::Form>::SCHEMA;

            fn serialize(
                &self,
                _: &mut crate::codec::Encoder<'_>,
            ) -> Result<Self::Resolver, crate::codec::EncodeError> {
                super::to_value(*self)
            }
            fn resolve(&self, value: Self::Resolver, out: rkyv::Place<Self::Archived>) {
                super::Known::write(value, out);
            }
            fn view(&self) -> Self {
                let stored = super::Foreign::to_value(*self);
                stored.and_then(super::Foreign::from_value).unwrap_or(*self)
            }
            fn view_archived(archived: &Self::Archived) -> Self {
                archived.get().unwrap_or(<Self as super::Foreign>::ORIGIN)
            }
            fn from_view(view: Self) -> Self {
                view
            }
        }
    )*};
}
use field;
