//! The views of optional and repeated personal fields.

use std::fmt;

use super::PiiView;
use crate::codec::field::{Field, Seq};
use crate::pii::{Pii, PiiError};

/// The view of an `Option<Pii<T>>`. Whether there is one is known without opening the box, and after a shred.
/// See [`PiiView`] for what becomes of faults.
pub struct PiiOption<'a, T: Field>(Optional<'a, T>);

enum Optional<'a, T: Field> {
    Native(Option<&'a Pii<T>>),
    Sealed(bool, PiiView<'a, Option<T>>),
    Given(Option<PiiView<'a, T>>),
}

impl<'a, T: Field> PiiOption<'a, T> {
    pub(super) fn native(value: Option<&'a Pii<T>>) -> Self {
        Self(Optional::Native(value))
    }

    pub(super) fn sealed(is_some: bool, datum: PiiView<'a, Option<T>>) -> Self {
        Self(Optional::Sealed(is_some, datum))
    }

    /// Whether there is one.
    pub fn is_some(&self) -> bool {
        match &self.0 {
            Optional::Native(value) => value.is_some(),
            Optional::Sealed(is_some, _) => *is_some,
            Optional::Given(datum) => datum.is_some(),
        }
    }

    /// The datum, borrowed from the opened box.
    pub fn open(&self) -> Result<Option<Pii<T::View<'a>>>, PiiError> {
        match &self.0 {
            Optional::Native(value) => Ok(value.map(|datum| datum.as_ref().map(T::view))),
            Optional::Sealed(false, _) => Ok(None),
            Optional::Sealed(true, datum) => match datum.open()? {
                Pii::Shredded => Ok(Some(Pii::Shredded)),
                Pii::Known(datum) => Ok(datum.map(Pii::Known)),
            },
            Optional::Given(datum) => datum.as_ref().map(PiiView::open).transpose(),
        }
    }

    /// The datum, borrowed; a fault is kept in the event's scratch.
    pub fn get(&self) -> Option<Pii<T::View<'a>>> {
        match &self.0 {
            Optional::Native(value) => value.map(|datum| datum.as_ref().map(T::view)),
            Optional::Sealed(false, _) => None,
            Optional::Sealed(true, datum) => match datum.get() {
                Pii::Shredded => Some(Pii::Shredded),
                Pii::Known(datum) => datum.map(Pii::Known),
            },
            Optional::Given(datum) => datum.as_ref().map(PiiView::get),
        }
    }

    /// The datum, owned; a fault is kept in the event's scratch.
    pub fn to_pii(&self) -> Option<Pii<T>> {
        self.get().map(|datum| datum.map(T::from_view))
    }
}

/// None: what a new field has in old events.
impl<T: Field> Default for PiiOption<'_, T> {
    fn default() -> Self {
        Self::from(None)
    }
}

/// What an upcast has made.
impl<'a, T: Field> From<Option<PiiView<'a, T>>> for PiiOption<'a, T> {
    fn from(datum: Option<PiiView<'a, T>>) -> Self {
        Self(Optional::Given(datum))
    }
}

impl<T: Field> Clone for PiiOption<'_, T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Optional::Native(value) => Optional::Native(*value),
            Optional::Sealed(is_some, datum) => Optional::Sealed(*is_some, datum.clone()),
            Optional::Given(datum) => Optional::Given(datum.clone()),
        })
    }
}

impl<T: Field> fmt::Debug for PiiOption<'_, T> {
    /// Opens nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Optional::Native(value) => value.fmt(f),
            Optional::Sealed(false, _) => f.write_str("None"),
            Optional::Sealed(true, datum) => write!(f, "Some({datum:?})"),
            Optional::Given(datum) => datum.fmt(f),
        }
    }
}

/// The view of a `Vec<Pii<T>>`. How many there are is known without opening the box, and after a shred.
/// See [`PiiView`] for what becomes of faults.
pub struct PiiList<'a, T: Field>(Many<'a, T>);

enum Many<'a, T: Field> {
    Native(&'a [Pii<T>]),
    Sealed(u32, PiiView<'a, Vec<T>>),
    Given(Vec<PiiView<'a, T>>),
}

/// How many data are believed to have been in a box that is no longer there.
const MAX_OF_NO_BOX: u32 = 1 << 20;

impl<'a, T: Field> PiiList<'a, T> {
    pub(super) fn native(values: &'a [Pii<T>]) -> Self {
        Self(Many::Native(values))
    }

    pub(super) fn sealed(len: u32, data: PiiView<'a, Vec<T>>) -> Self {
        // Every datum took a byte in its box at least; damaged bytes must not claim four billion.
        let most = data.box_len().filter(|bytes| *bytes > 0);
        let most = most.and_then(|bytes| u32::try_from(bytes).ok());
        Self(Many::Sealed(len.min(most.unwrap_or(MAX_OF_NO_BOX)), data))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Many::Native(values) => values.len(),
            Many::Sealed(len, _) => usize::try_from(*len).unwrap_or(usize::MAX),
            Many::Given(data) => data.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The data, borrowed from the opened box, where nothing is shredded.
    pub fn open(&self) -> Result<Pii<Vec<T::View<'a>>>, PiiError> {
        match &self.0 {
            Many::Native(values) => Ok(all_known(
                values.iter().map(|value| value.as_ref().map(T::view)),
            )),
            Many::Sealed(_, data) => Ok(data.open()?.map(|data: Seq<'a, T>| data.iter().collect())),
            Many::Given(data) => {
                let data: Vec<_> = data.iter().map(PiiView::open).collect::<Result<_, _>>()?;
                Ok(all_known(data))
            }
        }
    }

    /// The data, owned, each shredded if they are; a fault is kept in the event's scratch.
    pub fn to_pii(&self) -> Vec<Pii<T>> {
        match &self.0 {
            Many::Native(values) => {
                let owned = |value: &Pii<T>| value.as_ref().map(|datum| T::from_view(datum.view()));
                values.iter().map(owned).collect()
            }
            Many::Sealed(_, data) => match data.get() {
                Pii::Known(data) => data.iter().map(T::from_view).map(Pii::Known).collect(),
                // As many as there were, and never more than a box can have held.
                Pii::Shredded => (0..self.len()).map(|_| Pii::Shredded).collect(),
            },
            Many::Given(data) => data.iter().map(PiiView::to_pii).collect(),
        }
    }
}

/// None: what a new field has in old events.
impl<T: Field> Default for PiiList<'_, T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

/// What an upcast has made.
impl<'a, T: Field> From<Vec<PiiView<'a, T>>> for PiiList<'a, T> {
    fn from(data: Vec<PiiView<'a, T>>) -> Self {
        Self(Many::Given(data))
    }
}

fn all_known<V>(data: impl IntoIterator<Item = Pii<V>>) -> Pii<Vec<V>> {
    let known: Option<Vec<V>> = data.into_iter().map(Pii::known).collect();
    known.map_or(Pii::Shredded, Pii::Known)
}

impl<T: Field> Clone for PiiList<'_, T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Many::Native(values) => Many::Native(values),
            Many::Sealed(len, data) => Many::Sealed(*len, data.clone()),
            Many::Given(data) => Many::Given(data.clone()),
        })
    }
}

impl<T: Field> fmt::Debug for PiiList<'_, T> {
    /// Opens nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Many::Native(values) => values.fmt(f),
            Many::Sealed(len, data) => write!(f, "[{data:?}; {len}]"),
            Many::Given(data) => data.fmt(f),
        }
    }
}
