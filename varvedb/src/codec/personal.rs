//! Personal fields: what of them is stored in the clear, what in a box, and how they are seen.

mod lookup;
mod notes;
mod opening;
mod owners;
mod sealer;
mod several;
mod view;

use std::fmt::Debug;

use rkyv::option::ArchivedOption;
use rkyv::vec::{ArchivedVec, VecResolver};
use rkyv::{Archive, Place};

pub use self::lookup::{LookupEntry, Lookups};
pub(super) use self::notes::Notes;
pub use self::opening::{Sealed, plain, sealed};
pub use self::owners::Owners;
pub(super) use self::sealer::seal_box;
pub use self::sealer::{SealedBytes, Sealer, seal};
pub use self::several::{PiiList, PiiOption};
pub use self::view::PiiView;
use super::field::{EncodeError, Encoder, Field};
use super::payload::NotEncoded;
use super::record::{AsArchive, Record};
use crate::pii::{Pii, SealError};

/// A type of a `#[pii]` field: `Pii<T>`, and `Option` and `Vec` of it.
///
/// Whether an `Option` is there, and how many a `Vec` holds, is stored in the clear and outlives a shred; to
/// hide that too, turn them inside out: `Pii<Option<T>>`, `Pii<Vec<T>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a `#[pii]` field",
    label = "not personal data",
    note = "wrap what is to be sealed in `Pii`: `#[pii] owner: Pii<String>`; `Option<Pii<_>>` and `Vec<Pii<_>>` are possible, too"
)]
pub trait Personal: Sized + 'static {
    /// What is stored in the clear, as a field of the same name; `Pii<T>` has nothing such.
    type Shape: Copy + Default;
    /// What is sealed.
    type Datum: Field;
    /// What handlers see.
    type View<'a>: Clone + Debug;

    /// What is stored in the clear.
    fn shape(&self) -> Self::Shape;
    /// Whether some of it is shredded, so that it cannot be sealed.
    fn is_shredded(&self) -> bool;
    /// Whether it is shredded as a whole.
    fn is_all_shredded(&self) -> bool {
        self.is_shredded()
    }
    /// See [`Field::serialize`], of the datum.
    fn serialize(
        &self,
        encoder: &mut Encoder<'_>,
    ) -> Result<<Self::Datum as Field>::Resolver, EncodeError>;
    /// See [`Field::resolve`], of the datum.
    fn resolve(
        &self,
        resolver: <Self::Datum as Field>::Resolver,
        out: Place<<Self::Datum as Field>::Archived>,
    );
    /// Borrows from the native value.
    fn view(&self) -> Self::View<'_>;
    /// Borrows from a box that is opened when it is first looked into.
    fn view_sealed(
        shape: Self::Shape,
        sealed: Sealed<'_>,
        datum: DatumIn<Self::Datum>,
    ) -> Self::View<'_>;
    /// The native value that a view shows.
    fn from_view(view: Self::View<'_>) -> Self;
}

/// Finds a datum in the plain bytes of a box.
pub type DatumIn<T> = for<'x> fn(&'x [u8]) -> Result<&'x <T as Field>::Archived, EncodeError>;

/// A personal field on its way into a box.
#[derive(Debug)]
pub struct Sealing<'a, P>(&'a P);

/// Refuses to seal what is shredded: what is gone cannot be stored again.
pub fn sealing<'a, P: Personal>(
    value: &'a P,
    field: &'static str,
) -> Result<Sealing<'a, P>, EncodeError> {
    if value.is_shredded() {
        return Err(NotEncoded::Sealing(SealError::Shredded { field }).into());
    }
    Ok(Sealing(value))
}

impl<P: Personal> Record for Sealing<'_, P> {
    type Archived = <P::Datum as Field>::Archived;
    type Resolver = <P::Datum as Field>::Resolver;

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        // Whatever is wrong with it: an error that showed the value would show what is personal.
        self.0
            .serialize(encoder)
            .map_err(|_| NotEncoded::Personal.into())
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        self.0.resolve(resolver, out);
    }
}

impl<T: Field> Personal for Pii<T> {
    type Shape = ();
    type Datum = T;
    type View<'a> = PiiView<'a, T>;

    fn shape(&self) {}
    fn is_shredded(&self) -> bool {
        Pii::is_shredded(self)
    }
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<T::Resolver, EncodeError> {
        known(self)?.serialize(encoder)
    }
    fn resolve(&self, resolver: T::Resolver, out: Place<T::Archived>) {
        if let Some(datum) = self.get() {
            datum.resolve(resolver, out);
        }
    }
    fn view(&self) -> PiiView<'_, T> {
        PiiView::native(self)
    }
    fn view_sealed((): (), sealed: Sealed<'_>, datum: DatumIn<T>) -> PiiView<'_, T> {
        PiiView::sealed(sealed, datum)
    }
    fn from_view(view: PiiView<'_, T>) -> Self {
        view.to_pii()
    }
}

impl<T: Field> Personal for Option<Pii<T>> {
    type Shape = bool;
    type Datum = Option<T>;
    type View<'a> = PiiOption<'a, T>;

    fn shape(&self) -> bool {
        self.is_some()
    }
    fn is_shredded(&self) -> bool {
        self.as_ref().is_some_and(Pii::is_shredded)
    }
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Option<T::Resolver>, EncodeError> {
        let datum = self.as_ref().map(known).transpose()?;
        datum.map(|datum| datum.serialize(encoder)).transpose()
    }
    fn resolve(&self, resolver: Option<T::Resolver>, out: Place<ArchivedOption<T::Archived>>) {
        let datum = self.as_ref().and_then(Pii::get).map(AsArchive);
        Archive::resolve(&datum, resolver, out);
    }
    fn view(&self) -> PiiOption<'_, T> {
        PiiOption::native(self.as_ref())
    }
    fn view_sealed(
        is_some: bool,
        sealed: Sealed<'_>,
        datum: DatumIn<Option<T>>,
    ) -> PiiOption<'_, T> {
        PiiOption::sealed(is_some, PiiView::sealed(sealed, datum))
    }
    fn from_view(view: PiiOption<'_, T>) -> Self {
        view.to_pii()
    }
}

impl<T: Field> Personal for Vec<Pii<T>> {
    type Shape = u32;
    type Datum = Vec<T>;
    type View<'a> = PiiList<'a, T>;

    fn shape(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX) // longer ones are refused when they are sealed
    }
    fn is_shredded(&self) -> bool {
        self.iter().any(Pii::is_shredded)
    }
    fn is_all_shredded(&self) -> bool {
        !self.is_empty() && self.iter().all(Pii::is_shredded)
    }
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<VecResolver, EncodeError> {
        if u32::try_from(self.len()).is_err() {
            return Err(NotEncoded::TooLong(self.len()).into());
        }
        let data = self.iter().map(known).collect::<Result<Vec<&T>, _>>()?;
        encoder.writer.descend()?;
        let resolver = ArchivedVec::<T::Archived>::serialize_from_iter::<AsArchive<'_, T>, _, _>(
            data.into_iter().map(AsArchive),
            encoder,
        )?;
        encoder.writer.ascend();
        Ok(resolver)
    }
    fn resolve(&self, resolver: VecResolver, out: Place<ArchivedVec<T::Archived>>) {
        ArchivedVec::resolve_from_len(self.len(), resolver, out);
    }
    fn view(&self) -> PiiList<'_, T> {
        PiiList::native(self)
    }
    fn view_sealed(len: u32, sealed: Sealed<'_>, datum: DatumIn<Vec<T>>) -> PiiList<'_, T> {
        PiiList::sealed(len, PiiView::sealed(sealed, datum))
    }
    fn from_view(view: PiiList<'_, T>) -> Self {
        view.to_pii()
    }
}

/// The datum, which was checked to be there before anything is written.
fn known<T>(value: &Pii<T>) -> Result<&T, EncodeError> {
    let field = "a field";
    let shredded = || NotEncoded::Sealing(SealError::Shredded { field }).into();
    value.get().ok_or_else(shredded)
}
