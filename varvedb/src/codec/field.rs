//! `Field`: what can be stored in an event, a nested value, or a read model's row.
//!
//! It mirrors rkyv's `Archive`, so that types of other crates can be supported here whatever their
//! own support for rkyv is, and adds the *view*: the borrowed, native form that can be made from a
//! `&T` and from a `&T::Archived` alike.

mod array;
mod boxed;
#[cfg(any(
    feature = "chrono",
    feature = "jiff",
    feature = "time",
    feature = "rust_decimal",
    feature = "ulid"
))]
mod foreign;
mod list;
mod map;
mod number;
mod option;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod tuple;
mod uuid;

use std::fmt::Debug;

use rkyv::bytecheck::CheckBytes;
use rkyv::rancor;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::vec::{ArchivedVec, VecResolver};
use rkyv::{Place, Portable};

pub use self::list::{Seq, SeqIter};
pub use self::map::{SeqMap, SeqMapIter};
use super::payload::Payload;
use super::record::AsArchive;
use super::schema::Schema;

/// Why a value could not be written.
pub type EncodeError = rancor::Error;

/// What rkyv validates archives with. It is the one without shared pointers, so that `Rc` and `Arc`
/// cannot slip into a stored form: rkyv's support for them had several soundness holes.
pub type Validator<'a> = rkyv::api::low::LowValidator<'a, rancor::Error>;

/// The one serializer of this crate; it knows nothing of shared pointers either.
pub type Encoder<'a> = rkyv::api::low::LowSerializer<Payload<'a>, ArenaHandle<'a>, EncodeError>;

/// A type that can be stored.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in an event",
    label = "not an event field type",
    note = "for your own type, add `#[derive(VarveValue)]` to it",
    note = "personal data, `Pii<_>`, is never stored in the clear: it is a field of an event of its own, `#[pii] owner: Pii<String>`",
    note = "for `usize` and `isize` choose a fixed width such as `u64`; for `HashMap` use `BTreeMap`, whose order is the same every time"
)]
pub trait Field: Sized + 'static {
    /// The stored form.
    type Archived: Portable + for<'c> CheckBytes<Validator<'c>> + 'static;
    /// What must be remembered between writing what a value points to and the value itself.
    type Resolver;
    /// The borrowed form that handlers see.
    type View<'a>: Clone + Debug;
    /// The layout, which is part of the store's schema.
    const SCHEMA: Schema;

    /// Writes what the value points to.
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError>;
    /// Writes the value itself.
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>);
    /// Borrows from the native value.
    fn view(&self) -> Self::View<'_>;
    /// Borrows from the stored value.
    fn view_archived(archived: &Self::Archived) -> Self::View<'_>;
    /// The native value that a view shows.
    fn from_view(view: Self::View<'_>) -> Self;

    /// Writes the elements of a list.
    fn serialize_slice(
        slice: &[Self],
        encoder: &mut Encoder<'_>,
    ) -> Result<VecResolver, EncodeError> {
        ArchivedVec::<Self::Archived>::serialize_from_iter::<AsArchive<'_, Self>, _, _>(
            slice.iter().map(AsArchive),
            encoder,
        )
    }
    /// [`Field::SCHEMA`] as a function, so that a type may contain itself.
    fn schema() -> Schema {
        Self::SCHEMA
    }
}
