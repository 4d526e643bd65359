//! Looking up: the tail and the tables as one.
//!
//! The tail is read first, the tables after it. An event leaves the tail only when it is committed to
//! the tables, so none is missed; and what the tail has is the last part of every stream and category, so
//! the tables are asked only for what lies before it, and none comes twice. Neither lock nor transaction
//! is held when the answer is given: places are copied out.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::chunk::Point;
use super::environment::{damaged, failed};
use super::name::{self, StreamName};
use super::{Entry, Folded, Index, Order, VersionRange, places};
use crate::definition::Definition;
use crate::error::StorageError;
use crate::position::{Place, Position, Version};
use crate::stream::{Key, KeyRef};

impl Index {
    /// How far the log is folded into the tables.
    pub(crate) fn folded(&self) -> Result<Folded, StorageError> {
        let snapshot = self.shared.environment.snapshot()?;
        let progress = places::progress(snapshot.txn(), snapshot.tables);
        Ok(snapshot.located(progress)?.folded)
    }

    /// Every definition: the categories, then the types, then the schemas, each by its numbers.
    pub(crate) fn definitions(&self) -> Result<Vec<Definition>, StorageError> {
        let new = self.tail().definitions_through(Position::new(u64::MAX));
        let snapshot = self.shared.environment.snapshot()?;
        let old = snapshot.located(places::definitions(snapshot.txn(), snapshot.tables))?;
        let keyed = |definition| (places::definition_key(&definition), definition);
        let all: BTreeMap<_, _> = old.into_iter().chain(new).map(keyed).collect();
        Ok(all.into_values().collect())
    }

    /// How many events a stream has; 0 for no stream.
    pub(crate) fn version(&self, category: u32, key: KeyRef<'_>) -> Result<Version, StorageError> {
        self.version_of(&StreamName::new(category, key)?)
    }

    /// Says the versions of streams. What is asked for of many streams in a row comes from the memory
    /// together, and from the tables in one transaction; who asks for one after the other waits for
    /// each. Where the tables cannot be read, nothing is said: who asks [again](Self::version_of) hears why.
    pub(crate) fn recall<'a>(
        &self,
        streams: impl IntoIterator<Item = (&'a StreamName, &'a mut Option<Version>)>,
    ) {
        let mut unknown = Vec::new();
        {
            let tail = self.tail();
            for (stream, version) in streams {
                *version = tail.version(stream);
                if version.is_none() {
                    unknown.push((stream, version));
                }
            }
        }
        if unknown.is_empty() {
            return;
        }
        let Ok(snapshot) = self.shared.environment.snapshot() else {
            return;
        };
        for (stream, version) in unknown {
            let found = places::version(snapshot.txn(), snapshot.tables, stream.as_bytes());
            *version = found.ok();
        }
    }

    /// The same for a stream by its name in the index.
    pub(crate) fn version_of(&self, stream: &StreamName) -> Result<Version, StorageError> {
        let version = self.tail().version(stream);
        if let Some(version) = version {
            return Ok(version);
        }
        let snapshot = self.shared.environment.snapshot()?;
        let version = places::version(snapshot.txn(), snapshot.tables, stream.as_bytes());
        snapshot.located(version)
    }

    /// Puts the places of a stream's events in this range behind `out`, at most `limit` of them.
    pub(crate) fn stream_places(
        &self,
        category: u32,
        key: KeyRef<'_>,
        range: VersionRange,
        order: Order,
        limit: usize,
        out: &mut Vec<Entry>,
    ) -> Result<(), StorageError> {
        let stream = StreamName::new(category, key)?;
        let (mut tail, oldest) = self.tail().stream(&stream, range, (order, limit));
        let folded = range.cut(oldest);
        if order == Order::Forwards {
            tail.reverse();
            self.folded_stream(&stream, folded, (order, limit), tail, out)
        } else {
            let left = limit - tail.len();
            out.append(&mut tail);
            self.folded_stream(&stream, folded, (order, left), tail, out)
        }
    }

    /// Puts the places of a category's events between two positions, both exclusive, behind `out`, at most
    /// `limit` of them.
    pub(crate) fn category_places(
        &self,
        category: u32,
        after: Position,
        before: Option<Position>,
        order: Order,
        limit: usize,
        out: &mut Vec<Point>,
    ) -> Result<(), StorageError> {
        let mut tail = Vec::new();
        let oldest = {
            let guard = self.tail();
            guard.category(category, (after, before), order, limit, &mut tail);
            guard.oldest_position(category)
        };
        let folded = (after, earlier(before, oldest));
        let end = out.len().saturating_add(limit);
        if order == Order::Backwards {
            out.append(&mut tail);
        }
        let left = end - out.len();
        if left > 0 && folded.1.is_none_or(|before| before > after.next()) {
            let snapshot = self.shared.environment.snapshot()?;
            snapshot.located(places::category(
                snapshot.txn(),
                snapshot.tables,
                category,
                folded,
                (order, left),
                out,
            ))?;
        }
        out.extend(tail.into_iter().take(end - out.len()));
        Ok(())
    }

    /// The place of a frame that starts at or before the frame with this position, and not far
    /// before it; `None` when no frame does.
    pub(crate) fn frame_before(&self, position: Position) -> Result<Option<Place>, StorageError> {
        let place = self.tail().frame_before(position);
        if place.is_some() {
            return Ok(place);
        }
        let snapshot = self.shared.environment.snapshot()?;
        let mark = places::mark_before(snapshot.txn(), snapshot.tables, position);
        Ok(snapshot.located(mark)?.map(|(_, place)| place))
    }

    /// The streams of a category behind a key, at most `limit`, in the order of their keys.
    ///
    /// For tools and examples: it looks at every stream in the tail.
    pub(crate) fn streams(
        &self,
        category: u32,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Version)>, StorageError> {
        let after = after
            .map(|key| StreamName::new(category, key.as_ref()))
            .transpose()?;
        let after = after.as_ref().map(StreamName::as_bytes);
        let mut streams = BTreeMap::new();
        let mut next = 0;
        while self
            .tail()
            .streams((category, after), &mut next, &mut streams)
        {}
        self.folded_streams(category, after, limit, &mut streams)?;
        let decoded = streams.into_iter().take(limit).map(|(name, version)| {
            let (_, key) = name::decode(&name)?;
            Some((key, version))
        });
        let decoded: Option<Vec<_>> = decoded.collect();
        let damaged = || damaged("heads", "a key names no stream").in_index(self.dir());
        decoded.ok_or_else(damaged)
    }

    fn folded_stream(
        &self,
        stream: &StreamName,
        range: VersionRange,
        (order, limit): (Order, usize),
        tail: Vec<Entry>,
        out: &mut Vec<Entry>,
    ) -> Result<(), StorageError> {
        let end = out.len().saturating_add(limit);
        if limit > 0 && !range.is_empty() {
            let snapshot = self.shared.environment.snapshot()?;
            snapshot.located(places::stream(
                snapshot.txn(),
                snapshot.tables,
                stream,
                range,
                (order, limit),
                out,
            ))?;
        }
        out.extend(tail.into_iter().take(end - out.len()));
        Ok(())
    }

    /// Adds the streams of the tables, where the tail does not know better.
    fn folded_streams(
        &self,
        category: u32,
        after: Option<&[u8]>,
        limit: usize,
        streams: &mut BTreeMap<Vec<u8>, Version>,
    ) -> Result<(), StorageError> {
        const READ: &str = "read the index";
        let first = category.to_be_bytes();
        let start = after.map_or(Bound::Included(&first[..]), Bound::Excluded);
        let snapshot = self.shared.environment.snapshot()?;
        let keys = (start, Bound::Unbounded);
        let rows = snapshot.tables.heads.range(snapshot.txn(), &keys);
        let rows = snapshot.located(rows.map_err(failed(READ)))?;
        for row in rows.take(limit) {
            let (name, row) = snapshot.located(row.map_err(failed(READ)))?;
            if !name.starts_with(&first) {
                break;
            }
            let version = snapshot.located(places::head_version(row))?;
            let known = streams.entry(name.to_vec()).or_insert(version);
            *known = version.max(*known);
        }
        Ok(())
    }
}

/// The earlier of two upper bounds.
fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl VersionRange {
    /// Every version.
    pub(crate) const ALL: Self = Self {
        after: Version::ZERO,
        before: None,
    };

    pub(super) fn contains(self, version: Version) -> bool {
        version > self.after && self.before.is_none_or(|before| version < before)
    }

    fn cut(self, before: Option<Version>) -> Self {
        Self {
            before: earlier(self.before, before),
            ..self
        }
    }

    /// As many as `limit` of the range's first versions, and none below `oldest`: versions are dense.
    pub(super) fn first(self, oldest: Version, limit: usize) -> Self {
        let first = self.after.next().max(oldest);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.cut(Some(first.plus(limit)))
    }

    /// The first of the range's last versions, of which there are `limit` at most, in a stream that ends
    /// with `last`.
    pub(super) fn last(self, last: Version, limit: usize) -> Version {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let first = Version::new(self.end(last).get().saturating_sub(limit));
        first.max(self.after.next())
    }

    /// How many versions from `oldest` to `last` are in the range.
    pub(super) fn count(self, oldest: Version, last: Version) -> usize {
        let first = self.after.next().max(oldest);
        let end = self.end(last);
        usize::try_from(end.get().saturating_sub(first.get())).unwrap_or(usize::MAX)
    }

    /// Just behind the range, in a stream that ends with `last`.
    fn end(self, last: Version) -> Version {
        let behind = last.next();
        self.before.map_or(behind, |before| before.min(behind))
    }

    fn is_empty(self) -> bool {
        self.before
            .is_some_and(|before| before <= self.after.next())
    }
}
