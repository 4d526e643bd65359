//! `[T; N]`: the elements in place, seen as an array of their views.

use rkyv::{Archive, Place, Serialize};

use super::{EncodeError, Encoder, Field};
use crate::codec::record::AsArchive;
use crate::codec::schema::Schema;

impl<T: Field, const N: usize> Field for [T; N] {
    type Archived = [T::Archived; N];
    type Resolver = [T::Resolver; N];
    type View<'a> = [T::View<'a>; N];
    const SCHEMA: Schema = Schema::Array(T::schema, length(N));

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        Serialize::serialize(&self.each_ref().map(AsArchive), encoder)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        Archive::resolve(&self.each_ref().map(AsArchive), resolver, out);
    }
    fn view(&self) -> Self::View<'_> {
        each(self, T::view)
    }
    fn view_archived(archived: &Self::Archived) -> Self::View<'_> {
        each(archived, T::view_archived)
    }
    fn from_view(view: Self::View<'_>) -> Self {
        view.map(T::from_view)
    }
}

/// What `f` makes of each. `each_ref` and `map` would do, but the compiler makes a copy of numbers of
/// this, and an array of pointers of those.
#[inline]
fn each<'a, T, U, const N: usize>(array: &'a [T; N], f: impl Fn(&'a T) -> U) -> [U; N] {
    #[expect(clippy::indexing_slicing, reason = "an array of N has each below N")]
    std::array::from_fn(|index| f(&array[index]))
}

const fn length(elements: usize) -> u32 {
    assert!(
        elements <= u32::MAX as usize,
        "an array of more than 4294967295 elements cannot be stored"
    );
    #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
    {
        elements as u32
    }
}
