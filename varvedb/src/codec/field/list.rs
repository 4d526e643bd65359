//! `Vec`: any number of values in a place of their own, seen as a [`Seq`].

use std::fmt;

use rkyv::Place;
use rkyv::vec::{ArchivedVec, VecResolver};

use super::{EncodeError, Encoder, Field};
use crate::codec::payload::NotEncoded;
use crate::codec::schema::Schema;

impl<T: Field> Field for Vec<T> {
    type Archived = ArchivedVec<T::Archived>;
    type Resolver = VecResolver;
    type View<'a> = Seq<'a, T>;
    const SCHEMA: Schema = {
        assert!(
            size_of::<T::Archived>() != 0,
            "a list of values without bytes cannot be stored: damaged bytes could claim any number \
             of them; keep their number instead"
        );
        Schema::List(T::schema)
    };

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        if u32::try_from(self.len()).is_err() {
            return Err(NotEncoded::TooLong(self.len()).into());
        }
        encoder.writer.descend()?;
        let resolver = T::serialize_slice(self, encoder)?;
        encoder.writer.ascend();
        Ok(resolver)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        ArchivedVec::resolve_from_len(self.len(), resolver, out);
    }
    fn view(&self) -> Seq<'_, T> {
        Seq(Elements::Native(self))
    }
    fn view_archived(archived: &Self::Archived) -> Seq<'_, T> {
        Seq(Elements::Archived(archived.as_slice()))
    }
    fn from_view(view: Seq<'_, T>) -> Self {
        view.iter().map(T::from_view).collect()
    }
}

/// The view of a list: borrowed from a `Vec`, or read where it is stored.
///
/// Nothing is copied or decoded before an element is asked for.
///
/// ```
/// use varvedb::Seq;
///
/// let weights = vec![12_u32, 7, 30];
/// let seen: Seq<'_, u32> = weights.as_slice().into();
///
/// assert_eq!(seen.len(), 3);
/// assert_eq!(seen.get(1), Some(7));
/// assert_eq!(seen.get(3), None);
/// assert_eq!(seen.iter().sum::<u32>(), 49);
/// assert_eq!(seen.to_vec(), weights);
/// ```
///
/// What takes no bytes cannot be listed: `Vec<()>` as a field does not compile. Damaged bytes could
/// claim four billion elements, and nothing would say that they lie.
///
/// ```compile_fail
/// use varvedb::__private::{Field, Schema};
///
/// const LIST: Schema = <Vec<[u8; 0]> as Field>::SCHEMA;
/// ```
pub struct Seq<'a, T: Field>(Elements<'a, T>);

enum Elements<'a, T: Field> {
    Native(&'a [T]),
    Archived(&'a [T::Archived]),
}

impl<'a, T: Field> Seq<'a, T> {
    /// A list without elements.
    pub const fn empty() -> Self {
        Self(Elements::Native(&[]))
    }

    /// How many elements there are.
    pub fn len(self) -> usize {
        match self.0 {
            Elements::Native(slice) => slice.len(),
            Elements::Archived(slice) => slice.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at `index`, counted from 0.
    pub fn get(self, index: usize) -> Option<T::View<'a>> {
        match self.0 {
            Elements::Native(slice) => slice.get(index).map(T::view),
            Elements::Archived(slice) => slice.get(index).map(T::view_archived),
        }
    }

    /// The first element.
    pub fn first(self) -> Option<T::View<'a>> {
        self.get(0)
    }

    /// The last element.
    pub fn last(self) -> Option<T::View<'a>> {
        self.iter().next_back()
    }

    /// The elements in order.
    pub fn iter(self) -> SeqIter<'a, T> {
        SeqIter(match self.0 {
            Elements::Native(slice) => Iter::Native(slice.iter()),
            Elements::Archived(slice) => Iter::Archived(slice.iter()),
        })
    }

    /// The elements, owned.
    pub fn to_vec(self) -> Vec<T> {
        Vec::from_view(self)
    }
}

impl<'a> Seq<'a, u8> {
    /// The bytes, where they lie.
    pub const fn as_slice(self) -> &'a [u8] {
        match self.0 {
            Elements::Native(bytes) | Elements::Archived(bytes) => bytes,
        }
    }
}

impl<T: Field> Clone for Seq<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Field> Copy for Seq<'_, T> {}

impl<T: Field> Clone for Elements<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Field> Copy for Elements<'_, T> {}

impl<T: Field> Default for Seq<'_, T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<'a, T: Field> From<&'a [T]> for Seq<'a, T> {
    fn from(elements: &'a [T]) -> Self {
        Self(Elements::Native(elements))
    }
}

impl<T: Field> fmt::Debug for Seq<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, 'b, T> PartialEq<Seq<'b, T>> for Seq<'a, T>
where
    T: Field,
    T::View<'a>: PartialEq<T::View<'b>>,
{
    fn eq(&self, other: &Seq<'b, T>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T> Eq for Seq<'a, T>
where
    T: Field,
    T::View<'a>: Eq,
{
}

impl<'a, T> PartialOrd for Seq<'a, T>
where
    T: Field,
    T::View<'a>: PartialOrd,
{
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.iter().partial_cmp(other.iter())
    }
}

impl<'a, T> Ord for Seq<'a, T>
where
    T: Field,
    T::View<'a>: Ord,
{
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<'a, T: Field> IntoIterator for Seq<'a, T> {
    type Item = T::View<'a>;
    type IntoIter = SeqIter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Field> IntoIterator for &Seq<'a, T> {
    type Item = T::View<'a>;
    type IntoIter = SeqIter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The elements of a [`Seq`], in order.
pub struct SeqIter<'a, T: Field>(Iter<'a, T>);

enum Iter<'a, T: Field> {
    Native(std::slice::Iter<'a, T>),
    Archived(std::slice::Iter<'a, T::Archived>),
}

impl<T: Field> SeqIter<'_, T> {
    fn remaining(&self) -> usize {
        match &self.0 {
            Iter::Native(iter) => iter.len(),
            Iter::Archived(iter) => iter.len(),
        }
    }
}

impl<'a, T: Field> Iterator for SeqIter<'a, T> {
    type Item = T::View<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Iter::Native(iter) => iter.next().map(T::view),
            Iter::Archived(iter) => iter.next().map(T::view_archived),
        }
    }

    fn nth(&mut self, index: usize) -> Option<Self::Item> {
        match &mut self.0 {
            Iter::Native(iter) => iter.nth(index).map(T::view),
            Iter::Archived(iter) => iter.nth(index).map(T::view_archived),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining(), Some(self.remaining()))
    }
}

impl<T: Field> DoubleEndedIterator for SeqIter<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Iter::Native(iter) => iter.next_back().map(T::view),
            Iter::Archived(iter) => iter.next_back().map(T::view_archived),
        }
    }
}

impl<T: Field> ExactSizeIterator for SeqIter<'_, T> {}

impl<T: Field> std::iter::FusedIterator for SeqIter<'_, T> {}

impl<T: Field> Clone for SeqIter<'_, T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Iter::Native(iter) => Iter::Native(iter.clone()),
            Iter::Archived(iter) => Iter::Archived(iter.clone()),
        })
    }
}

impl<T: Field> fmt::Debug for SeqIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
