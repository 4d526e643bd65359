//! The view of a personal field.

use std::fmt;

use super::{DatumIn, Sealed};
use crate::codec::field::Field;
use crate::pii::{KeyId, Pii, PiiError};
use crate::stream::{Key, KeyRef};

/// A personal datum as handlers see it: in its box, which is opened when somebody first looks into it.
///
/// In an `#[apply]` or `#[on]` handler, [`get`](Self::get), [`to_pii`](Self::to_pii) and
/// [`or_fallback`](Self::or_fallback) do not fail. If a box cannot be opened, because a key is unknown or bytes
/// were changed, they answer as if it were shredded, and the load or the projection fails when the handler has
/// returned, whatever it did: its state and its rows are thrown away. Who decodes events without them, or writes
/// elsewhere in a handler, uses [`open`](Self::open), which says so at once, or asks
/// [`Scratch::fault`](crate::Scratch::fault).
pub struct PiiView<'a, T: Field> {
    source: Source<'a, T>,
    fallback: Fallback<T>,
}

/// What stands for a datum that is shredded.
enum Fallback<T> {
    Nothing,
    Fixed(fn() -> T),
    /// Made of the id of whom it is about.
    Of(Key, fn(KeyRef<'_>) -> Option<T>),
}

enum Source<'a, T: Field> {
    Native(&'a Pii<T>),
    /// With the key of the box that it was made of, if it was.
    Given(Pii<T::View<'a>>, Option<KeyId>),
    Sealed(Sealed<'a>, DatumIn<T>),
}

impl<'a, T: Field> PiiView<'a, T> {
    /// A datum that an upcast has made, or that a new field has in old events.
    pub fn known(datum: T::View<'a>) -> Self {
        Self::of(Source::Given(Pii::Known(datum), None))
    }

    /// A datum that an upcast found shredded.
    pub fn shredded() -> Self {
        Self::of(Source::Given(Pii::Shredded, None))
    }

    /// Borrows from the native value.
    pub(super) fn native(value: &'a Pii<T>) -> Self {
        Self::of(Source::Native(value))
    }

    /// Looks into a box.
    pub(super) fn sealed(sealed: Sealed<'a>, datum: DatumIn<T>) -> Self {
        Self::of(Source::Sealed(sealed, datum))
    }

    const fn of(source: Source<'a, T>) -> Self {
        Self {
            source,
            fallback: Fallback::Nothing,
        }
    }

    /// The same, with what stands for the datum when it is shredded.
    #[doc(hidden)]
    #[must_use]
    pub fn with_fallback(mut self, fallback: fn() -> T) -> Self {
        self.fallback = Fallback::Fixed(fallback);
        self
    }

    /// The same, with what stands for the datum when it is shredded, made of the id of whom it is about.
    #[doc(hidden)]
    #[must_use]
    pub fn with_fallback_of(
        mut self,
        subject: Option<Key>,
        fallback: fn(KeyRef<'_>) -> Option<T>,
    ) -> Self {
        self.fallback = subject.map_or(Fallback::Nothing, |key| Fallback::Of(key, fallback));
        self
    }

    /// The datum, borrowed from the opened box, which is wiped when the event is no longer looked at.
    pub fn open(&self) -> Result<Pii<T::View<'a>>, PiiError> {
        match &self.source {
            Source::Native(value) => Ok(value.as_ref().map(T::view)),
            Source::Given(value, _) => Ok(value.clone()),
            Source::Sealed(sealed, datum) => match sealed.open()? {
                Pii::Shredded => Ok(Pii::Shredded),
                Pii::Known(plain) => {
                    let wrong = |_| PiiError::Malformed {
                        what: "what was sealed in it is not of the event's layout",
                    };
                    Ok(Pii::Known(T::view_archived(datum(plain).map_err(wrong)?)))
                }
            },
        }
    }

    /// The datum, borrowed; a fault is kept in the event's scratch.
    pub fn get(&self) -> Pii<T::View<'a>> {
        self.open().unwrap_or_else(|fault| {
            if let Source::Sealed(sealed, _) = &self.source {
                sealed.note(fault);
            }
            Pii::Shredded
        })
    }

    /// Another datum made of this one, for upcasts: shredded stays shredded, and what is looked up is found under
    /// the key of this one's box. A fault is kept in the event's scratch.
    ///
    /// ```
    /// use varvedb::{Pii, PiiView};
    ///
    /// let code = PiiView::<String>::known("4711").map(|code| code.len() as u64);
    /// let code: PiiView<'_, u64> = code;
    /// assert_eq!(code.get(), Pii::Known(4));
    /// ```
    #[must_use]
    pub fn map<U: Field>(&self, make: impl FnOnce(T::View<'a>) -> U::View<'a>) -> PiiView<'a, U> {
        PiiView::of(Source::Given(self.get().map(make), self.key()))
    }

    /// The datum, owned; a fault is kept in the event's scratch.
    pub fn to_pii(&self) -> Pii<T> {
        self.get().map(T::from_view)
    }

    /// The datum, owned, or if it is shredded what the field's `#[pii(fallback = ..)]` says; `None` where it says
    /// nothing. A fault is kept in the event's scratch.
    pub fn or_fallback(&self) -> Option<T> {
        self.to_pii().known().or_else(|| match &self.fallback {
            Fallback::Nothing => None,
            Fallback::Fixed(make) => Some(make()),
            Fallback::Of(subject, make) => make(subject.as_ref()),
        })
    }

    /// Whether it is shredded; a fault is kept in the event's scratch.
    pub fn is_shredded(&self) -> bool {
        self.get().is_shredded()
    }

    /// How many bytes its box has; `None` of what is not sealed yet.
    pub(super) fn box_len(&self) -> Option<usize> {
        match &self.source {
            Source::Sealed(sealed, _) => Some(sealed.len()),
            Source::Native(_) | Source::Given(..) => None,
        }
    }

    /// The id of the data key that it is sealed under; `None` of what is not sealed yet.
    pub fn key(&self) -> Option<KeyId> {
        match &self.source {
            Source::Sealed(sealed, _) => sealed.key(),
            Source::Native(_) => None,
            Source::Given(_, key) => *key,
        }
    }
}

impl<'a, T: Field> From<Pii<T::View<'a>>> for PiiView<'a, T> {
    fn from(datum: Pii<T::View<'a>>) -> Self {
        Self::of(Source::Given(datum, None))
    }
}

impl<T: Field> Clone for PiiView<'_, T> {
    fn clone(&self) -> Self {
        let source = match &self.source {
            Source::Native(value) => Source::Native(value),
            Source::Given(value, key) => Source::Given(value.clone(), *key),
            Source::Sealed(sealed, datum) => Source::Sealed(*sealed, *datum),
        };
        Self {
            source,
            fallback: self.fallback.clone(),
        }
    }
}

impl<T> Clone for Fallback<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Fixed(make) => Self::Fixed(*make),
            Self::Of(subject, make) => Self::Of(subject.clone(), *make),
        }
    }
}

impl<T: Field> fmt::Debug for PiiView<'_, T> {
    /// Opens nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Native(value) => value.fmt(f),
            Source::Given(value, _) => value.fmt(f),
            Source::Sealed(..) => f.write_str("Pii(sealed)"),
        }
    }
}
