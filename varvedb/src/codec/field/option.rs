//! `Option`: a tag byte, then the value.

use rkyv::option::ArchivedOption;
use rkyv::{Archive, Place};

use super::{EncodeError, Encoder, Field};
use crate::codec::record::AsArchive;
use crate::codec::schema::Schema;

impl<T: Field> Field for Option<T> {
    type Archived = ArchivedOption<T::Archived>;
    type Resolver = Option<T::Resolver>;
    type View<'a> = Option<T::View<'a>>;
    const SCHEMA: Schema = Schema::Option(T::schema);

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        self.as_ref()
            .map(|value| value.serialize(encoder))
            .transpose()
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        Archive::resolve(&self.as_ref().map(AsArchive), resolver, out);
    }
    fn view(&self) -> Self::View<'_> {
        self.as_ref().map(T::view)
    }
    fn view_archived(archived: &Self::Archived) -> Self::View<'_> {
        archived.as_ref().map(T::view_archived)
    }
    fn from_view(view: Self::View<'_>) -> Self {
        view.map(T::from_view)
    }
}
