//! Lets rkyv's own derives archive a [`Field`] the way `Field` says.

use rkyv::Place;
use rkyv::with::{ArchiveWith, SerializeWith};

use super::field::{EncodeError, Encoder, Field};

/// For `#[rkyv(with = AsField)]`, on the hidden twin of an enum that derives `VarveValue`.
#[derive(Clone, Copy, Debug)]
pub struct AsField;

impl<T: Field> ArchiveWith<T> for AsField {
    type Archived = T::Archived;
    type Resolver = T::Resolver;

    fn resolve_with(field: &T, resolver: Self::Resolver, out: Place<Self::Archived>) {
        field.resolve(resolver, out);
    }
}

impl<T: Field> SerializeWith<T, Encoder<'_>> for AsField {
    fn serialize_with(field: &T, encoder: &mut Encoder<'_>) -> Result<T::Resolver, EncodeError> {
        field.serialize(encoder)
    }
}
