//! Folding: commits leave the tail for the tables, many in one synced transaction.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::Index;
use super::chunk::{self, Point};
use super::environment::{Transaction, damaged};
use super::name::{self, StreamName};
use super::places::{self, Head};
use super::progress::{Progress, encode_place};
use super::streams;
use super::tail::{Frame, Run, STEPS_PER_LOCK};
use crate::definition::Definition;
use crate::error::StorageError;
use crate::position::{Place, Position, Version};

/// Points in one chunk of a stream. The last chunk of a stream is written anew by every fold that
/// touches it, and with many streams these are the rows that do not fit into memory: keep it small.
pub(super) const STREAM_CHUNK: usize = 64;
/// Points in one chunk of a category. There are few categories, and all their last chunks stay warm.
pub(super) const CATEGORY_CHUNK: usize = 256;

/// A frame is marked when it starts so many positions behind the last mark, or so far.
const POSITIONS_PER_MARK: u64 = 64;
const BYTES_PER_MARK: u64 = 64 * 1024;

/// What one fold takes over.
struct Batch {
    frames: Vec<Frame>,
    runs: Vec<Run>,
    /// The number of the first of them.
    first_run: u64,
    /// Where each event is.
    places: Vec<Place>,
    definitions: Vec<Definition>,
}

impl Index {
    /// Carries whole commits from the front of the tail into the tables, in one synced
    /// transaction: one commit at least, more as long as they have at most `max_events` together.
    /// Says how many events these were; 0 when there is nothing to do.
    ///
    /// Look-ups go on meanwhile: they find the commits in the tail until they find them in the tables.
    pub(crate) fn fold(&self, max_events: usize) -> Result<usize, StorageError> {
        self.fold_through(max_events, Position::new(u64::MAX))
    }

    /// The same, with no commit behind `through`: what the tables hold survives a power cut, so it
    /// must not be more than what is synced of the log.
    pub(crate) fn fold_through(
        &self,
        max_events: usize,
        through: Position,
    ) -> Result<usize, StorageError> {
        let _folding = self
            .shared
            .folding
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let batch = self.front(max_events, through);
        let Some(last) = batch.frames.last() else {
            self.fold_snapshots()?;
            return Ok(0);
        };
        let folded = last.last();
        let snapshots = self.snapshots_through(folded);
        let written = self.shared.environment.write(|transaction| {
            batch.fold(transaction)?;
            self.put_snapshots(&snapshots, transaction)
        });
        // Also after a failure: the next attempt is not to fail by what is disposable.
        self.forget_snapshots(&snapshots);
        written?;
        self.drop_through(folded);
        self.tail_mut().drop_definitions(batch.definitions.len());
        Ok(batch.places.len())
    }

    /// Drops from the tail what another process has folded.
    pub(crate) fn drop_folded(&self) -> Result<(), StorageError> {
        let folded = self.folded()?.position;
        self.drop_through(folded);
        Ok(())
    }

    fn front(&self, max_events: usize, through: Position) -> Batch {
        let frames = self.front_frames(max_events, through);
        let last = frames.last().map_or(Position::ZERO, Frame::last);
        let definitions = self.tail().definitions_through(last);
        let count = frames.iter().map(|frame| frame.runs).sum();
        let mut runs = Vec::with_capacity(count);
        let first_run = self.tail().first_run();
        while self.tail().copy_runs(count, &mut runs) {}
        let count = frames.iter().map(|frame| frame.events).sum();
        let mut places = Vec::with_capacity(count);
        while self.tail().copy_places(count, &mut places) {}
        Batch {
            frames,
            runs,
            first_run,
            places,
            definitions,
        }
    }

    fn front_frames(&self, max_events: usize, through: Position) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            // Before the lock is taken.
            frames.reserve(STEPS_PER_LOCK);
            if !self.tail().copy_frames((max_events, through), &mut frames) {
                return frames;
            }
        }
    }

    fn drop_through(&self, position: Position) {
        let first_run = self.tail().first_run();
        while self.tail_mut().drop_through(position) {}
        // A reading process looks in vain most of the time.
        if self.tail().first_run() > first_run {
            (0..streams::PARTS).for_each(|part| self.tail_mut().forget_streams(part));
        }
    }
}

impl Batch {
    fn fold(&self, transaction: &mut Transaction<'_>) -> Result<(), StorageError> {
        let progress = places::progress(transaction.txn(), transaction.tables)?;
        let folded = progress.folded.position;
        // After an error of the commit, the tables may have some of this already.
        let new = self.frames.iter().filter(|frame| frame.first > folded);
        let frames: Vec<Frame> = new.copied().collect();
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Ok(());
        };
        if first.first != folded.next() {
            return Err(damaged("progress", "it does not end where the tail begins"));
        }
        let folded = self.runs.partition_point(|run| run.position <= folded);
        let runs = self.runs.get(folded..).unwrap_or_default();
        fold_definitions(transaction, &self.definitions)?;
        self.fold_categories(transaction, runs)?;
        self.fold_streams(transaction, runs, self.first_run + folded as u64)?;
        fold_marks(transaction, &frames)?;
        advance(transaction, progress, last)
    }

    fn fold_categories(
        &self,
        transaction: &mut Transaction<'_>,
        runs: &[Run],
    ) -> Result<(), StorageError> {
        let mut categories = BTreeMap::<u32, Vec<Point>>::new();
        for run in runs {
            let category = categories.entry(run.stream.category()).or_default();
            category.extend(self.points(run));
        }
        for (category, points) in categories {
            extend_category(transaction, category, &points)?;
        }
        Ok(())
    }

    /// One row for each stream, in the order of the table, however many events it has.
    fn fold_streams(
        &self,
        transaction: &mut Transaction<'_>,
        runs: &[Run],
        first_run: u64,
    ) -> Result<(), StorageError> {
        let chains = Chains::of(runs, first_run);
        for first in chains.firsts(runs) {
            let points = chains.runs(first, runs).flat_map(|run| self.points(run));
            if let Some(first) = runs.get(first) {
                extend_stream(transaction, &first.stream, first.version, points)?;
            }
        }
        Ok(())
    }

    /// Where the events of a run are.
    fn points(&self, run: &Run) -> impl Iterator<Item = Point> {
        let first = self
            .frames
            .first()
            .map_or(run.position, |frame| frame.first);
        let skipped = run.position.get().saturating_sub(first.get());
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let places = self.places.get(skipped..).unwrap_or_default();
        let positions = (0..u64::from(run.events)).map(|n| run.position.plus(n));
        let point = |(position, place): (Position, &Place)| Point {
            position,
            place: *place,
        };
        positions.zip(places).map(point)
    }
}

/// The runs of each stream of a batch, linked from the first to the last: to sort the runs would
/// take longer than all the rest of a fold.
struct Chains {
    /// For each run, the next one of its stream.
    next: Vec<Option<u32>>,
    /// The first run of each stream.
    firsts: Vec<u32>,
}

impl Chains {
    /// Chains of these runs, the first of which has this number.
    fn of(runs: &[Run], number: u64) -> Self {
        let mut chains = Self {
            next: vec![None; runs.len()],
            firsts: Vec::new(),
        };
        for (run, index) in runs.iter().zip(0..) {
            let before = run.previous.checked_sub(number);
            let before = before.and_then(|before| usize::try_from(before).ok());
            match before.and_then(|before| chains.next.get_mut(before)) {
                Some(next) => *next = Some(index),
                None => chains.firsts.push(index),
            }
        }
        chains
    }

    /// The first run of each stream, in the order of the streams' names.
    ///
    /// The front of a name lies beside the number of its run: to sort by names that lie all over the
    /// batch took a quarter of a fold.
    fn firsts(&self, runs: &[Run]) -> impl Iterator<Item = usize> {
        let index = |first: &u32| usize::try_from(*first).unwrap_or(usize::MAX);
        let firsts = self.firsts.iter().map(index);
        let named = firsts.filter_map(|first| Some((runs.get(first)?.stream.front(), first)));
        let mut named: Vec<(u128, usize)> = named.collect();
        let name = |first: usize| runs.get(first).map(|run| &run.stream);
        named.sort_unstable_by(|(front, a), (other, b)| {
            front.cmp(other).then_with(|| name(*a).cmp(&name(*b)))
        });
        named.into_iter().map(|(_, first)| first)
    }

    /// The runs of a stream, oldest first.
    fn runs<'a>(&'a self, first: usize, runs: &'a [Run]) -> impl Iterator<Item = &'a Run> {
        let next = |run: &usize| usize::try_from((*self.next.get(*run)?)?).ok();
        let chain = std::iter::successors(Some(first), next);
        chain.filter_map(|index| runs.get(index))
    }
}

/// Definitions have the key of what they define: to write one twice changes nothing.
fn fold_definitions(
    transaction: &mut Transaction<'_>,
    definitions: &[Definition],
) -> Result<(), StorageError> {
    for definition in definitions {
        let mut row = Vec::new();
        definition.encode(&mut row);
        transaction.put(
            transaction.tables.definitions,
            &places::definition_key(definition),
            &row,
        )?;
    }
    Ok(())
}

fn extend_category(
    transaction: &mut Transaction<'_>,
    category: u32,
    new: &[Point],
) -> Result<(), StorageError> {
    let table = transaction.tables.categories;
    let last = places::last_category_chunk(transaction.txn(), transaction.tables, category)?;
    let last = last.unwrap_or_default();
    if !go_on(&last, new.first()) {
        return Err(damaged(
            "categories",
            "a category does not end before the tail begins",
        ));
    }
    let mut points = Some(last)
        .filter(|points| points.len() < CATEGORY_CHUNK)
        .unwrap_or_default();
    points.extend_from_slice(new);
    for points in points.chunks(CATEGORY_CHUNK) {
        if let Some(first) = points.first() {
            let mut row = Vec::new();
            chunk::encode(points, &mut row);
            transaction.put(table, &places::category_key(category, first.position), &row)?;
        }
    }
    Ok(())
}

fn extend_stream(
    transaction: &mut Transaction<'_>,
    stream: &StreamName,
    first: Version,
    new: impl Iterator<Item = Point>,
) -> Result<(), StorageError> {
    let name = stream.as_bytes();
    let Head {
        mut before,
        mut points,
    } = places::head(transaction.txn(), transaction.tables, name)?;
    let mut new = new.peekable();
    let is_next = before.plus(points.len() as u64).next() == first;
    if !is_next || !go_on(&points, new.peek()) {
        return Err(damaged(
            "heads",
            "a stream does not end where the tail goes on",
        ));
    }
    points.extend(new);
    let mut rest = points.as_slice();
    while let Some((full, behind)) = rest.split_first_chunk::<STREAM_CHUNK>() {
        if behind.is_empty() {
            break; // a head is never empty
        }
        let mut row = Vec::new();
        chunk::encode(full, &mut row);
        let key = name::chunk_key(name, before.next());
        transaction.put(transaction.tables.runs, &key, &row)?;
        before = before.plus(STREAM_CHUNK as u64);
        rest = behind;
    }
    put_head(transaction, name, before, rest)
}

/// Whether the points of a row, which may be damaged, end before the next: a chunk is written as
/// the distances between its points, and none is negative.
fn go_on(points: &[Point], next: Option<&Point>) -> bool {
    let (Some(last), Some(next)) = (points.last(), next) else {
        return true;
    };
    last.position < next.position && last.place < next.place
}

fn put_head(
    transaction: &mut Transaction<'_>,
    name: &[u8],
    before: Version,
    points: &[Point],
) -> Result<(), StorageError> {
    let mut row = Vec::new();
    chunk::put_number(before.get(), &mut row);
    chunk::encode(points, &mut row);
    transaction.put(transaction.tables.heads, name, &row)
}

fn fold_marks(transaction: &mut Transaction<'_>, frames: &[Frame]) -> Result<(), StorageError> {
    let table = transaction.tables.marks;
    let mut last = places::mark_before(
        transaction.txn(),
        transaction.tables,
        Position::new(u64::MAX),
    )?;
    for frame in frames {
        if last.is_none_or(|last| is_far(last, frame)) {
            let key = frame.first.get().to_be_bytes();
            transaction.put_last(table, &key, &encode_place(frame.place))?;
            last = Some((frame.first, frame.place));
        }
    }
    Ok(())
}

fn is_far((position, place): (Position, Place), frame: &Frame) -> bool {
    frame.place.segment != place.segment
        || frame.first.get().saturating_sub(position.get()) >= POSITIONS_PER_MARK
        || frame.place.offset().saturating_sub(place.offset()) >= BYTES_PER_MARK
}

fn advance(
    transaction: &mut Transaction<'_>,
    progress: Progress,
    last: &Frame,
) -> Result<(), StorageError> {
    let mut progress = progress;
    progress.folded.position = last.last();
    progress.folded.place = Some(last.end);
    transaction.put(
        transaction.tables.progress,
        Progress::KEY,
        &progress.encode(),
    )
}
