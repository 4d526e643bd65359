//! `Field`: what can be stored in an event, a nested value, or a read model's row.
//!
//! It mirrors rkyv's `Archive`, so that types of other crates can be supported here whatever their
//! own support for rkyv is, and adds the *view*: the borrowed, native form that can be made from a
//! `&T` and from a `&T::Archived` alike.

use std::fmt::Debug;

use rkyv::bytecheck::CheckBytes;
use rkyv::rancor;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::vec::{ArchivedVec, VecResolver};
use rkyv::{Place, Portable};

use super::record::AsArchive;
use super::schema::{Schema, SchemaFn};

/// Why a value could not be written.
pub type EncodeError = rancor::Error;

/// What rkyv validates archives with.
pub type Validator<'a> = rkyv::api::high::HighValidator<'a, rancor::Error>;

/// The one serializer of this crate.
pub type Encoder<'a> =
    rkyv::api::high::HighSerializer<rkyv::util::AlignedVec, ArenaHandle<'a>, EncodeError>;

/// A type that can be stored.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in an event",
    label = "not an event field type",
    note = "for your own type, add `#[derive(VarveValue)]` to it",
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

const _: SchemaFn = <u64 as Field>::schema;

impl Field for u64 {
    type Archived = rkyv::Archived<u64>;
    type Resolver = ();
    type View<'a> = u64;
    const SCHEMA: Schema = Schema::Int {
        signed: false,
        bits: 64,
    };

    fn serialize(&self, _: &mut Encoder<'_>) -> Result<(), EncodeError> {
        Ok(())
    }
    fn resolve(&self, (): (), out: Place<Self::Archived>) {
        rkyv::Archive::resolve(self, (), out);
    }
    fn view(&self) -> u64 {
        *self
    }
    fn view_archived(archived: &Self::Archived) -> u64 {
        archived.to_native()
    }
    fn from_view(view: u64) -> u64 {
        view
    }
}

impl Field for String {
    type Archived = rkyv::string::ArchivedString;
    type Resolver = rkyv::string::StringResolver;
    type View<'a> = &'a str;
    const SCHEMA: Schema = Schema::Str;

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        rkyv::string::ArchivedString::serialize_from_str(self, encoder)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        rkyv::string::ArchivedString::resolve_from_str(self, resolver, out);
    }
    fn view(&self) -> &str {
        self
    }
    fn view_archived(archived: &Self::Archived) -> &str {
        archived.as_str()
    }
    fn from_view(view: &str) -> String {
        view.to_owned()
    }
}
