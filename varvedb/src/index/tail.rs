//! The tail: every committed event that the tables do not have yet, in memory.
//!
//! Invariants: the events are dense, the last of the log is the last here; those of one stream have
//! consecutive versions and are linked from the last to the first, so that a stream costs no
//! list of its own.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::chunk::Point;
use super::name::{self, StreamName};
use super::{Entry, Order, TailCommit, VersionRange};
use crate::definition::Definition;
use crate::error::StorageError;
use crate::position::{Place, Position, Version};

/// Events that are handed to the folder, or dropped, while the lock is held once.
const EVENTS_PER_LOCK: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Tail {
    frames: VecDeque<Frame>,
    events: VecDeque<Event>,
    streams: HashMap<Arc<[u8]>, StreamTail>,
    categories: HashMap<u32, VecDeque<Point>>,
    /// Each with the position it lies before, in order.
    definitions: Vec<(Position, Definition)>,
}

/// One committed frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) first: Position,
    pub(super) events: usize,
    pub(super) place: Place,
    pub(super) end: Place,
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) stream: Arc<[u8]>,
    pub(super) version: Version,
    pub(super) point: Point,
    /// The event before this one in the stream; it may have left the tail.
    previous: Position,
}

/// The ends of a stream's events in the tail.
#[derive(Clone, Copy, Debug)]
struct StreamTail {
    oldest: Version,
    last: Position,
}

impl Tail {
    /// Takes a commit in, or, where a stream's key is none, nothing of it.
    pub(super) fn add(&mut self, commit: &TailCommit<'_>) -> Result<(), StorageError> {
        if let Some(last) = self.events.back() {
            assert_eq!(
                last.point.position.next(),
                commit.first,
                "commits are added in their order"
            );
        }
        let name = |event: &super::TailEvent<'_>| StreamName::new(event.category, event.key);
        let names = commit
            .events
            .iter()
            .map(name)
            .collect::<Result<Vec<_>, _>>()?;
        let mut position = commit.first;
        for (name, event) in names.iter().zip(commit.events) {
            let point = Point {
                position,
                place: event.place,
            };
            self.add_event(name, event.version, point);
            self.categories
                .entry(event.category)
                .or_default()
                .push_back(point);
            position = position.next();
        }
        self.frames.push_back(Frame {
            first: commit.first,
            events: commit.events.len(),
            place: commit.place,
            end: commit.end,
        });
        Ok(())
    }

    pub(super) fn add_definitions(&mut self, before: Position, definitions: &[Definition]) {
        let placed = |definition: &Definition| (before, definition.clone());
        self.definitions.extend(definitions.iter().map(placed));
    }

    pub(super) fn events(&self) -> usize {
        self.events.len()
    }

    /// The definitions that lie before the event at this position, or before an earlier one.
    pub(super) fn definitions_through(&self, position: Position) -> Vec<Definition> {
        let early = |(before, _): &&(Position, Definition)| *before <= position;
        let placed = self.definitions.iter().take_while(early);
        placed.map(|(_, definition)| definition.clone()).collect()
    }

    /// The version of a stream that has events here.
    pub(super) fn version(&self, stream: &StreamName) -> Option<Version> {
        let tail = self.streams.get(stream.as_bytes())?;
        self.event(tail.last).map(|event| event.version)
    }

    /// The first version of a stream that is here; everything before it is in the tables.
    pub(super) fn oldest_version(&self, stream: &StreamName) -> Option<Version> {
        self.streams.get(stream.as_bytes()).map(|tail| tail.oldest)
    }

    /// A stream's events that are here and in the range, the last one first; at most `limit`.
    pub(super) fn stream(
        &self,
        stream: &StreamName,
        range: VersionRange,
        limit: usize,
    ) -> Vec<Entry> {
        let known = self.streams.get(stream.as_bytes());
        let Some((tail, last)) = known.and_then(|tail| Some((tail, self.event(tail.last)?))) else {
            return Vec::new();
        };
        // Allocated once, since a read asks for portion after portion.
        let mut entries = Vec::with_capacity(range.count(tail.oldest, last.version).min(limit));
        let back = |event: &&Event| self.event(event.previous);
        let within = std::iter::successors(Some(last), back)
            .take_while(|event| event.version > range.after)
            .filter(|event| range.before.is_none_or(|before| event.version < before));
        entries.extend(within.map(Event::entry).take(limit));
        entries
    }

    /// A category's first position here; everything before it is in the tables.
    pub(super) fn oldest_position(&self, category: u32) -> Option<Position> {
        let points = self.categories.get(&category)?;
        points.front().map(|point| point.position)
    }

    /// Puts a category's events between two positions behind `out`, at most `limit`.
    pub(super) fn category(
        &self,
        category: u32,
        (after, before): (Position, Option<Position>),
        order: Order,
        limit: usize,
        out: &mut Vec<Point>,
    ) {
        let Some(points) = self.categories.get(&category) else {
            return;
        };
        let start = points.partition_point(|point| point.position <= after);
        let within = |point: &Point| before.is_none_or(|before| point.position < before);
        let end = points.partition_point(within).max(start);
        match order {
            Order::Forwards => out.extend(points.range(start..end).take(limit)),
            Order::Backwards => out.extend(points.range(start..end).rev().take(limit)),
        }
    }

    /// The frame that holds the position, or the last one before it.
    pub(super) fn frame_before(&self, position: Position) -> Option<Place> {
        let behind = self.frames.partition_point(|frame| frame.first <= position);
        let frame = self.frames.get(behind.checked_sub(1)?)?;
        Some(frame.place)
    }

    /// The streams of a category, their names and versions.
    pub(super) fn streams(
        &self,
        category: u32,
        after: Option<&[u8]>,
    ) -> BTreeMap<Vec<u8>, Version> {
        let names = self.streams.iter();
        names
            .filter(|(stream, _)| name::category(stream) == Some(category))
            .filter(|(stream, _)| after.is_none_or(|after| &stream[..] > after))
            .filter_map(|(stream, tail)| {
                let event = self.event(tail.last)?;
                Some((stream.to_vec(), event.version))
            })
            .collect()
    }

    /// The frames at the front: one at least, and more as long as they have no more than so many events.
    pub(super) fn front(&self, max_events: usize) -> Vec<Frame> {
        let mut events = 0;
        let fits = |frame: &&Frame| {
            let first = events == 0;
            events += frame.events;
            first || events <= max_events
        };
        self.frames.iter().take_while(fits).copied().collect()
    }

    /// Copies the next events, at most so many as one lock should cover, behind `out`; says
    /// whether there are more of the first `count`.
    pub(super) fn copy_events(&self, count: usize, out: &mut Vec<Event>) -> bool {
        let start = out.len();
        let end = count.min(start + EVENTS_PER_LOCK).min(self.events.len());
        out.extend(self.events.range(start.min(end)..end).cloned());
        end < count && end > start
    }

    /// Drops frames from the front up to a position, at least one but not many more than one lock
    /// should cover; says whether there are more.
    pub(super) fn drop_through(&mut self, position: Position) -> bool {
        let mut dropped = 0;
        while let Some(frame) = self.frames.front().copied() {
            if frame.first > position {
                return false;
            }
            if dropped >= EVENTS_PER_LOCK {
                return true;
            }
            self.frames.pop_front();
            for event in self.events.drain(..frame.events.min(self.events.len())) {
                forget(&mut self.streams, &mut self.categories, &event);
            }
            dropped += frame.events;
        }
        false
    }

    /// Drops definitions that the tables have now.
    pub(super) fn drop_definitions(&mut self, count: usize) {
        self.definitions.drain(..count.min(self.definitions.len()));
    }

    fn add_event(&mut self, name: &StreamName, version: Version, point: Point) {
        let known = self.streams.get_key_value(name.as_bytes());
        let (stream, tail) = match known {
            Some((stream, tail)) => (Arc::clone(stream), *tail),
            None => (
                Arc::from(name.as_bytes()),
                StreamTail {
                    oldest: version,
                    last: Position::ZERO,
                },
            ),
        };
        let previous = tail.last;
        let last = point.position;
        self.streams
            .insert(Arc::clone(&stream), StreamTail { last, ..tail });
        self.events.push_back(Event {
            stream,
            version,
            point,
            previous,
        });
    }

    fn event(&self, position: Position) -> Option<&Event> {
        let first = self.events.front()?.point.position;
        let index = position.get().checked_sub(first.get())?;
        self.events.get(usize::try_from(index).ok()?)
    }
}

impl Event {
    fn entry(&self) -> Entry {
        Entry {
            version: self.version,
            position: self.point.position,
            place: self.point.place,
        }
    }
}

/// Takes the oldest event of a stream and of a category out of what is known of them.
fn forget(
    streams: &mut HashMap<Arc<[u8]>, StreamTail>,
    categories: &mut HashMap<u32, VecDeque<Point>>,
    event: &Event,
) {
    match streams.get_mut(&event.stream) {
        Some(tail) if tail.last == event.point.position => {
            streams.remove(&event.stream);
        }
        Some(tail) => tail.oldest = event.version.next(),
        None => {}
    }
    let category = name::category(&event.stream).unwrap_or_default();
    if let Some(points) = categories.get_mut(&category) {
        points.pop_front();
        if points.is_empty() {
            categories.remove(&category);
        }
    }
}
