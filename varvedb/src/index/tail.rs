//! The tail: every committed event that the tables do not have yet, in memory.
//!
//! Invariants: the events are dense, the last of the log is the last here; those of one stream have
//! consecutive versions. A *run* is what one commit holds of one stream; the runs of a stream are
//! linked from the last to the first, so that a stream costs no list of its own, and a commit of a
//! thousand events to one stream costs little more than a commit of one. What has left the tail is
//! still linked, and its number says that it has: to leave changes nothing at the streams.

use std::collections::{BTreeMap, HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::chunk::Point;
use super::name::StreamName;
use super::streams::{Known, Streams};
use super::{Entry, Order, TailCommit, TailRun, VersionRange};
use crate::definition::Definition;
use crate::position::{Place, Position, Version};

/// Frames, runs, or places, that are looked at, handed to the folder or dropped while the lock is held
/// once: the writer waits for it.
pub(super) const STEPS_PER_LOCK: usize = 4096;

/// Room for so many frames, runs and places is kept; that of a tail that was much longer is given back.
const KEPT: usize = 262_144;

#[derive(Debug)]
pub(super) struct Tail {
    frames: VecDeque<Frame>,
    runs: VecDeque<Run>,
    /// How many runs have left the tail: the number of the first that is here.
    first_run: u64,
    /// Where each event is.
    places: VecDeque<Place>,
    /// The position of the first of them.
    first: Position,
    streams: Streams,
    categories: HashMap<u32, VecDeque<Span>, RandomState>,
    /// Each with the position it lies before, in order.
    definitions: Vec<(Position, Definition)>,
}

/// One committed frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) first: Position,
    pub(super) events: usize,
    pub(super) runs: usize,
    pub(super) place: Place,
    pub(super) end: Place,
}

/// The events of one stream in one commit: one after another, positions and versions alike.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) stream: StreamName,
    pub(super) version: Version,
    pub(super) position: Position,
    pub(super) events: u32,
    /// The number of the run before this one in the stream; it may have left the tail.
    pub(super) previous: u64,
}

/// Positions of one category without a gap; the end is exclusive.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: Position,
    end: Position,
}

/// No run has this number.
const NO_RUN: u64 = u64::MAX;

impl Tail {
    /// An empty tail that remembers so many streams, those that are in it included.
    pub(super) fn new(remembered_streams: usize) -> Self {
        Self {
            frames: VecDeque::new(),
            runs: VecDeque::new(),
            first_run: 0,
            places: VecDeque::new(),
            first: Position::ZERO,
            streams: Streams::new(remembered_streams),
            categories: HashMap::default(),
            definitions: Vec::new(),
        }
    }

    /// Takes a commit in.
    pub(super) fn add(&mut self, commit: TailCommit<'_, impl Iterator<Item = TailRun>>) {
        if self.places.is_empty() {
            self.first = commit.first;
        }
        let next = self.first.plus(self.places.len() as u64);
        assert_eq!(next, commit.first, "commits are added in their order");
        let known = self.runs.len();
        let mut position = commit.first;
        for run in commit.runs {
            self.runs.push_back(Run {
                stream: run.stream,
                version: run.first_version,
                position,
                events: run.events,
                previous: NO_RUN,
            });
            position = position.plus(run.events.into());
        }
        self.places.extend(commit.places);
        for index in known..self.runs.len() {
            self.link(index);
        }
        self.frames.push_back(Frame {
            first: commit.first,
            events: commit.places.len(),
            runs: self.runs.len() - known,
            place: commit.place,
            end: commit.end,
        });
    }

    pub(super) fn add_definitions(&mut self, before: Position, definitions: &[Definition]) {
        let placed = |definition: &Definition| (before, definition.clone());
        self.definitions.extend(definitions.iter().map(placed));
    }

    pub(super) fn events(&self) -> usize {
        self.places.len()
    }

    /// How many of them do not lie behind this position.
    pub(super) fn events_through(&self, position: Position) -> usize {
        let through = position.next().get().saturating_sub(self.first.get());
        usize::try_from(through).map_or(self.places.len(), |through| through.min(self.places.len()))
    }

    /// The definitions that lie before the event at this position, or before an earlier one.
    pub(super) fn definitions_through(&self, position: Position) -> Vec<Definition> {
        let early = |(before, _): &&(Position, Definition)| *before <= position;
        let placed = self.definitions.iter().take_while(early);
        placed.map(|(_, definition)| definition.clone()).collect()
    }

    /// The version of a stream that has events here, or had some lately.
    pub(super) fn version(&self, stream: &StreamName) -> Option<Version> {
        self.streams.get(stream).map(|known| known.version)
    }

    /// A stream's events that are here and in the range, the last one first: of those the `limit`
    /// that come first in this order.
    ///
    /// With the version from which on all that is wanted is here; what is wanted of the versions
    /// before it is in the tables.
    pub(super) fn stream(
        &self,
        stream: &StreamName,
        range: VersionRange,
        (order, limit): (Order, usize),
    ) -> (Vec<Entry>, Option<Version>) {
        let known = self.streams.get(stream);
        let Some(last) = known.and_then(|known| self.run(known.last_run)) else {
            return (Vec::new(), None);
        };
        let wanted_from = match order {
            Order::Forwards => range.after.next(),
            Order::Backwards => range.last(last.last(), limit),
        };
        let mut oldest = last;
        while oldest.version > wanted_from
            && let Some(before) = self.run(oldest.previous)
        {
            oldest = before;
        }
        // Forwards, the first of the tail may be the ones that count, and they are linked backwards.
        let wanted = match order {
            Order::Forwards => range.first(oldest.version, limit),
            Order::Backwards => range,
        };
        // Allocated once, since a read asks for portion after portion.
        let count = wanted.count(oldest.version, last.last()).min(limit);
        let mut entries = Vec::with_capacity(count);
        let back = |run: &&Run| self.run(run.previous);
        let runs = std::iter::successors(Some(last), back);
        let within = runs.take_while(|run| run.last() > wanted.after);
        let events = within.flat_map(|run| self.entries_back(run, wanted));
        entries.extend(events.take(limit));
        (entries, Some(oldest.version))
    }

    /// A category's first position here; everything before it is in the tables.
    pub(super) fn oldest_position(&self, category: u32) -> Option<Position> {
        let spans = self.categories.get(&category)?;
        spans.front().map(|span| span.start)
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
        let Some(spans) = self.categories.get(&category) else {
            return;
        };
        let range = Span {
            start: after.next(),
            end: before.unwrap_or(Position::new(u64::MAX)),
        };
        let start = spans.partition_point(|span| span.end <= range.start);
        let end = spans.partition_point(|span| span.start < range.end);
        let spans = spans.range(start..end.max(start));
        let point = |position| self.point(position);
        match order {
            Order::Forwards => {
                let positions = spans.flat_map(|span| span.cut(range));
                out.extend(positions.filter_map(point).take(limit));
            }
            Order::Backwards => {
                let positions = spans.rev().flat_map(|span| span.cut(range).rev());
                out.extend(positions.filter_map(point).take(limit));
            }
        }
    }

    /// The frame that holds the position, or the last one before it.
    pub(super) fn frame_before(&self, position: Position) -> Option<Place> {
        let behind = self.frames.partition_point(|frame| frame.first <= position);
        let frame = self.frames.get(behind.checked_sub(1)?)?;
        Some(frame.place)
    }

    /// Puts the streams of a category that have events here into `out`, their names and versions: those
    /// of the runs from the `next` on, at most so many runs as one lock should cover. `next` is
    /// what comes then; says whether there is more.
    pub(super) fn streams(
        &self,
        (category, after): (u32, Option<&[u8]>),
        next: &mut u64,
        out: &mut BTreeMap<Vec<u8>, Version>,
    ) -> bool {
        // What has left the tail meanwhile is in the tables.
        let from = self.first_run.max(*next);
        let index = usize::try_from(from - self.first_run).unwrap_or(usize::MAX);
        let runs = self.runs.range(index.min(self.runs.len())..);
        let behind = |name: &[u8]| after.is_none_or(|after| name > after);
        let streams = (from..)
            .zip(runs.take(STEPS_PER_LOCK))
            .filter(|(_, run)| run.stream.category() == category)
            .filter(|(_, run)| behind(run.stream.as_bytes()))
            .filter(|(number, run)| self.is_last(*number, run))
            .map(|(_, run)| (run.stream.as_bytes().to_vec(), run.last()));
        out.extend(streams);
        *next = from + STEPS_PER_LOCK as u64;
        *next < self.first_run + self.runs.len() as u64
    }

    /// Copies the next frames at the front, at most so many as one lock should cover, behind `out`: one
    /// at least in all, and more as long as they have no more than so many events; none with an
    /// event behind `through`. Says whether there may be more.
    pub(super) fn copy_frames(
        &self,
        (max_events, through): (usize, Position),
        out: &mut Vec<Frame>,
    ) -> bool {
        let known = out.len();
        let first = out.first().or_else(|| self.frames.front());
        let before = first.map_or(0, |frame| frame.first.get() - 1);
        let fits = |frame: &&Frame| {
            let events = frame.last().get() - before;
            let is_first = frame.first.get() - 1 == before;
            frame.last() <= through && (is_first || events <= max_events as u64)
        };
        let next = self.frames.range(known.min(self.frames.len())..);
        out.extend(next.take(STEPS_PER_LOCK).take_while(fits));
        out.len() == known + STEPS_PER_LOCK
    }

    /// The number of the oldest run that is here; the others count on from it.
    pub(super) fn first_run(&self) -> u64 {
        self.first_run
    }

    /// Copies the next runs, at most so many as one lock should cover, behind `out`; says whether
    /// there are more of the first `count`.
    pub(super) fn copy_runs(&self, count: usize, out: &mut Vec<Run>) -> bool {
        let end = next_step(out.len(), count, self.runs.len());
        let start = out.len().min(end);
        out.extend(self.runs.range(start..end).cloned());
        end < count && end > start
    }

    /// The same for the places of the first `count` events.
    pub(super) fn copy_places(&self, count: usize, out: &mut Vec<Place>) -> bool {
        let end = next_step(out.len(), count, self.places.len());
        let start = out.len().min(end);
        out.extend(self.places.range(start..end));
        end < count && end > start
    }

    /// Drops frames from the front up to a position, at least one but not many more than one lock
    /// should cover; says whether there are more.
    pub(super) fn drop_through(&mut self, position: Position) -> bool {
        let mut dropped = 0;
        while let Some(frame) = self.frames.front().copied() {
            if frame.first > position {
                break;
            }
            if dropped >= STEPS_PER_LOCK {
                return true;
            }
            self.drop_front(&frame);
            dropped += frame.runs;
        }
        self.give_back();
        false
    }

    /// Drops definitions that the tables have now.
    pub(super) fn drop_definitions(&mut self, count: usize) {
        self.definitions.drain(..count.min(self.definitions.len()));
    }

    /// Forgets streams that have left the tail, if one of the [`PARTS`](super::streams::PARTS) of all
    /// that are known has too many.
    pub(super) fn forget_streams(&mut self, part: usize) {
        self.streams.forget(part, self.first_run);
    }

    /// Makes the run the last one of its stream and of its category.
    fn link(&mut self, index: usize) {
        let number = self.first_run + index as u64;
        let Some(run) = self.runs.get_mut(index) else {
            return;
        };
        let known = Known {
            version: run.last(),
            last_run: number,
        };
        run.previous = self.streams.extend(&run.stream, known).unwrap_or(NO_RUN);
        let spans = self.categories.entry(run.stream.category()).or_default();
        let end = run.position.plus(run.events.into());
        match spans.back_mut() {
            Some(span) if span.end == run.position => span.end = end,
            _ => spans.push_back(Span {
                start: run.position,
                end,
            }),
        }
    }

    fn drop_front(&mut self, frame: &Frame) {
        self.frames.pop_front();
        for run in self.runs.drain(..frame.runs.min(self.runs.len())) {
            forget(&mut self.categories, &run);
            self.first_run += 1;
        }
        self.places.drain(..frame.events.min(self.places.len()));
        self.first = self.first.plus(frame.events as u64);
    }

    /// Gives back the memory of a tail that was far longer: one commit may have a million runs.
    fn give_back(&mut self) {
        let is_idle = |len: usize, capacity: usize| capacity > 2 * KEPT && len < capacity / 8;
        if is_idle(self.frames.len(), self.frames.capacity()) {
            self.frames.shrink_to(KEPT);
        }
        if is_idle(self.runs.len(), self.runs.capacity()) {
            self.runs.shrink_to(KEPT);
        }
        if is_idle(self.places.len(), self.places.capacity()) {
            self.places.shrink_to(KEPT);
        }
    }

    /// Whether the run with this number is the newest of its stream.
    fn is_last(&self, number: u64, run: &Run) -> bool {
        let known = self.streams.get(&run.stream);
        known.is_some_and(|known| known.last_run == number)
    }

    fn run(&self, number: u64) -> Option<&Run> {
        let index = number.checked_sub(self.first_run)?;
        self.runs.get(usize::try_from(index).ok()?)
    }

    fn point(&self, position: Position) -> Option<Point> {
        let index = position.get().checked_sub(self.first.get())?;
        let place = *self.places.get(usize::try_from(index).ok()?)?;
        Some(Point { position, place })
    }

    /// The events of a run that are in the range, the last one first.
    fn entries_back(&self, run: &Run, range: VersionRange) -> impl Iterator<Item = Entry> {
        let first = range.after.next().max(run.version).get();
        let last = run.last().next();
        let end = range.before.map_or(last, |before| before.min(last)).get();
        let (version, position) = (run.version.get(), run.position);
        (first..end)
            .rev()
            .map(move |v| (Version::new(v), position.plus(v - version)))
            .filter_map(|(version, position)| {
                let place = self.point(position)?.place;
                Some(Entry {
                    version,
                    position,
                    place,
                })
            })
    }
}

impl Frame {
    /// The position of its last event.
    pub(super) fn last(&self) -> Position {
        Position::new(self.first.get() + self.events as u64 - 1)
    }
}

impl Run {
    /// The version of its last event.
    pub(super) fn last(&self) -> Version {
        Version::new(self.version.get() - 1).plus(self.events.into())
    }
}

impl Span {
    /// The positions that are in both.
    fn cut(self, other: Self) -> impl DoubleEndedIterator<Item = Position> + use<> {
        let start = self.start.max(other.start).get();
        (start..self.end.min(other.end).get()).map(Position::new)
    }
}

/// Where the next step of a copy ends that has come to `start`, of `count`.
fn next_step(start: usize, count: usize, len: usize) -> usize {
    count.min(start + STEPS_PER_LOCK).min(len)
}

/// Takes the oldest run of a category out of what is known of it.
fn forget(categories: &mut HashMap<u32, VecDeque<Span>, RandomState>, run: &Run) {
    let category = run.stream.category();
    if let Some(spans) = categories.get_mut(&category) {
        let end = run.position.plus(run.events.into());
        match spans.front_mut() {
            Some(span) if span.end > end => span.start = end,
            _ => drop(spans.pop_front()),
        }
        if spans.is_empty() {
            categories.remove(&category);
        }
    }
}
