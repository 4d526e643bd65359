//! `Box`: the value in a place of its own, seen as the value itself.

use rkyv::Place;
use rkyv::boxed::{ArchivedBox, BoxResolver};

use super::{EncodeError, Encoder, Field};
use crate::codec::record::AsArchive;
use crate::codec::schema::Schema;

impl<T: Field> Field for Box<T> {
    type Archived = ArchivedBox<T::Archived>;
    type Resolver = BoxResolver;
    type View<'a> = T::View<'a>;
    const SCHEMA: Schema = Schema::Box(T::schema);

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        encoder.writer.descend()?;
        let resolver = ArchivedBox::serialize_from_ref(&AsArchive(&**self), encoder)?;
        encoder.writer.ascend();
        Ok(resolver)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        ArchivedBox::resolve_from_raw_parts(resolver, (), out);
    }
    fn view(&self) -> Self::View<'_> {
        T::view(self)
    }
    fn view_archived(archived: &Self::Archived) -> Self::View<'_> {
        T::view_archived(archived.get())
    }
    fn from_view(view: Self::View<'_>) -> Self {
        Self::new(T::from_view(view))
    }
}
