//! `BTreeMap`: pairs sorted by key, seen as a [`SeqMap`].
//!
//! rkyv has a B-tree of its own; it is not used, because a sorted list is smaller, is read with
//! one comparison per step, and has had no unsound release.

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use rkyv::Place;
use rkyv::vec::{ArchivedVec, VecResolver};

use super::{EncodeError, Encoder, Field};
use crate::codec::record::{AsRecord, Pair};
use crate::codec::schema::Schema;

type ArchivedPair<K, V> = Pair<<K as Field>::Archived, <V as Field>::Archived>;

impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    type Archived = ArchivedVec<ArchivedPair<K, V>>;
    type Resolver = VecResolver;
    type View<'a> = SeqMap<'a, K, V>;
    const SCHEMA: Schema = Schema::Map(K::schema, V::schema);

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        encoder.writer.descend()?;
        let pairs: Vec<Pair<&K, &V>> = self.iter().map(|(key, value)| Pair(key, value)).collect();
        let resolver = ArchivedVec::serialize_from_iter::<AsRecord<'_, Pair<&K, &V>>, _, _>(
            pairs.iter().map(AsRecord),
            encoder,
        )?;
        encoder.writer.ascend();
        Ok(resolver)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        ArchivedVec::resolve_from_len(self.len(), resolver, out);
    }
    fn view(&self) -> SeqMap<'_, K, V> {
        SeqMap(Entries::Native(self))
    }
    fn view_archived(archived: &Self::Archived) -> SeqMap<'_, K, V> {
        SeqMap(Entries::Archived(archived.as_slice()))
    }
    fn from_view(view: SeqMap<'_, K, V>) -> Self {
        view.iter()
            .map(|(key, value)| (K::from_view(key), V::from_view(value)))
            .collect()
    }
}

/// The view of a map: borrowed from a `BTreeMap`, or read where it is stored.
///
/// Entries come in the order in which they are stored, which is that of the keys. Bytes that were
/// tampered with may say otherwise: then [`get`](Self::get) may miss an entry, and that is all.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use varvedb::Field;
///
/// let stock = BTreeMap::from([("pears".to_owned(), 4_u32), ("apples".to_owned(), 9)]);
/// let seen = stock.view();
///
/// assert_eq!(seen.get("pears"), Some(4));
/// assert_eq!(seen.get("plums"), None);
/// assert_eq!(seen.iter().next(), Some(("apples", 9)));
/// ```
pub struct SeqMap<'a, K: Field, V: Field>(Entries<'a, K, V>);

enum Entries<'a, K: Field, V: Field> {
    Native(&'a BTreeMap<K, V>),
    Archived(&'a [ArchivedPair<K, V>]),
}

impl<'a, K: Field, V: Field> SeqMap<'a, K, V> {
    /// How many entries there are.
    pub fn len(self) -> usize {
        match self.0 {
            Entries::Native(map) => map.len(),
            Entries::Archived(pairs) => pairs.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entries, in order.
    pub fn iter(self) -> SeqMapIter<'a, K, V> {
        SeqMapIter(match self.0 {
            Entries::Native(map) => Iter::Native(map.iter()),
            Entries::Archived(pairs) => Iter::Archived(pairs.iter()),
        })
    }
}

impl<'a, K: Field + Ord, V: Field> SeqMap<'a, K, V>
where
    K::View<'a>: Ord,
{
    /// The value under `key`, found in logarithmic time.
    pub fn get(self, key: K::View<'a>) -> Option<V::View<'a>> {
        match self.0 {
            Entries::Native(map) => map.get(&K::from_view(key)).map(V::view),
            Entries::Archived(pairs) => {
                let found = pairs.binary_search_by(|pair| K::view_archived(&pair.0).cmp(&key));
                found
                    .ok()
                    .and_then(|at| pairs.get(at))
                    .map(|pair| V::view_archived(&pair.1))
            }
        }
    }
}

impl<K: Field, V: Field> Clone for SeqMap<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Field, V: Field> Copy for SeqMap<'_, K, V> {}

impl<K: Field, V: Field> Clone for Entries<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Field, V: Field> Copy for Entries<'_, K, V> {}

impl<K: Field, V: Field> fmt::Debug for SeqMap<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a, 'b, K, V> PartialEq<SeqMap<'b, K, V>> for SeqMap<'a, K, V>
where
    K: Field,
    V: Field,
    K::View<'a>: PartialEq<K::View<'b>>,
    V::View<'a>: PartialEq<V::View<'b>>,
{
    fn eq(&self, other: &SeqMap<'b, K, V>) -> bool {
        let same = |((a, b), (c, d))| a == c && b == d;
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl<'a, K: Field, V: Field> IntoIterator for SeqMap<'a, K, V> {
    type Item = (K::View<'a>, V::View<'a>);
    type IntoIter = SeqMapIter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K: Field, V: Field> IntoIterator for &SeqMap<'a, K, V> {
    type Item = (K::View<'a>, V::View<'a>);
    type IntoIter = SeqMapIter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The entries of a [`SeqMap`], in order.
pub struct SeqMapIter<'a, K: Field, V: Field>(Iter<'a, K, V>);

enum Iter<'a, K: Field, V: Field> {
    Native(btree_map::Iter<'a, K, V>),
    Archived(std::slice::Iter<'a, ArchivedPair<K, V>>),
}

impl<'a, K: Field, V: Field> Iterator for SeqMapIter<'a, K, V> {
    type Item = (K::View<'a>, V::View<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Iter::Native(iter) => iter
                .next()
                .map(|(key, value)| (K::view(key), V::view(value))),
            Iter::Archived(iter) => iter
                .next()
                .map(|pair| (K::view_archived(&pair.0), V::view_archived(&pair.1))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Iter::Native(iter) => iter.size_hint(),
            Iter::Archived(iter) => iter.size_hint(),
        }
    }
}

impl<K: Field, V: Field> ExactSizeIterator for SeqMapIter<'_, K, V> {}

impl<K: Field, V: Field> fmt::Debug for SeqMapIter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeqMapIter(..)")
    }
}
