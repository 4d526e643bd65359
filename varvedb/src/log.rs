//! The log: commits, one after another, in segments that are never changed again. It is the only
//! truth; everything else is derived from it.
//!
//! - A commit is one frame; a group of commits is one write and one sync.
//! - What is published is whole, and its bytes never change again: it is read where it lies.
//! - Positions are dense, from 1, in the order of the frames; times never go back.
//! - What was durable once is never cut off ([`recovery`]).
//!
//! The bytes are described in `docs/format.md`.

mod blocks;
mod checksum;
mod draft;
mod fields;
mod finder;
mod flaw;
mod frame;
#[cfg(any(fuzzing, test))]
mod fuzz;
mod look;
mod prefetch;
mod recovery;
mod scan;
mod segment;
mod snapshot;
#[cfg(test)]
mod tests;
mod window;
mod writer;
mod zeros;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use uuid::Uuid;

pub(crate) use self::draft::{Draft, DraftStream, LayError, Laying};
pub(crate) use self::finder::Sought;
pub(crate) use self::frame::{Frame, FrameKind, MAX_PAYLOAD_BYTES, Record, event_id};
#[cfg(any(fuzzing, test))]
pub(crate) use self::fuzz::{parse_segment, parse_signed};
pub(crate) use self::look::Look;
pub(crate) use self::recovery::Recovery;
pub(crate) use self::snapshot::Snapshot;
pub(crate) use self::writer::{LaidFrame, LogWriter};
use crate::clock::Timestamp;
use crate::directory;
use crate::error::{Damage, StorageError};
use crate::log::scan::{Scan, Stop, Visit, beginning};
use crate::position::{Place, Position};

/// How a log is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogOptions {
    /// When a segment is sealed, in bytes; at least 64 KiB. Only new segments obey a change.
    pub(crate) segment_bytes: u64,
    /// The store whose log it is.
    pub(crate) store_id: Uuid,
}

impl LogOptions {
    /// When a segment is sealed, unless the user says otherwise.
    pub(crate) const DEFAULT_SEGMENT_BYTES: u64 = 256 * 1024 * 1024;

    /// The most bytes of a segment.
    fn capacity(&self) -> u64 {
        let bytes = self
            .segment_bytes
            .clamp(MIN_SEGMENT_BYTES, segment::MAX_SEGMENT_BYTES);
        bytes - bytes % Place::UNIT
    }
}

const MIN_SEGMENT_BYTES: u64 = 64 * 1024;
/// How long a segment's file is at first: tiny stores stay tiny.
const FIRST_STEP_BYTES: u64 = 64 * 1024;

/// What is known of a log before it is opened. The default is nothing: it is read from the
/// beginning, and may end anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Up to where everything is known already, and was durable.
    pub(crate) position: Position,
    /// Just behind the last frame that is known.
    pub(crate) place: Option<Place>,
    /// Up to where it was synced, whatever is known of the events: it must not end before.
    pub(crate) synced: Position,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The last position; 0 if there is none.
    pub(crate) position: Position,
    /// Just behind the last frame.
    pub(crate) place: Place,
    /// The time of the last commit; as early as can be, if there is none.
    pub(crate) time: Timestamp,
}

impl End {
    /// As a later opening may start from it.
    #[cfg(test)]
    pub(crate) fn start(&self) -> Start {
        Start {
            position: self.position,
            place: Some(self.place),
            synced: self.position,
        }
    }
}

/// A log for reading, shared by as many threads as there are.
#[derive(Clone, Debug)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    store_id: Uuid,
    published: RwLock<Snapshot>,
    /// Where this process writes, the position up to which everything is synced.
    synced: AtomicU64,
    /// In a reading process, how far it has followed the writing one.
    follower: Mutex<Option<Scan>>,
}

/// Opens a log for reading and appending, and recovers it. Shows every frame behind `start` to
/// `visit`, in order. The caller makes sure that no other process writes to it.
pub(crate) fn open(
    dir: &Path,
    options: &LogOptions,
    start: Start,
    visit: &mut Visit<'_>,
) -> Result<(Log, LogWriter, Recovery), StorageError> {
    fs::create_dir_all(dir).map_err(|error| StorageError::io("create", dir, error))?;
    let last = list(dir)?;
    // A program that was killed leaves frames in the page cache alone. `visit` may make durable what
    // it derives from a frame, so the frame has to be durable first; older segments are.
    writer::sync_segment(dir, last)?;
    let mut scan = Scan::start(dir, options.store_id, start)?;
    let mut recovery = Recovery::default();
    let stop = recovery::scan_to_end(&mut scan, None, &mut |frame| {
        recovery.frames += 1;
        visit(frame)
    })?;
    recovery::check_end(&scan, stop, start.synced)?;
    recovery.cut = recovery::cut(&mut scan, stop)?;
    // A segment that a killed program created may not have its name on the disk yet.
    directory::sync_storage(dir)?;
    let log = Log::new(dir, options.store_id, &scan);
    let writer = match stop {
        Stop::Sealed => LogWriter::resume_behind(log.clone(), *options, &mut scan)?,
        _ => LogWriter::resume(log.clone(), *options, &scan)?,
    };
    log.add_segment(scan.end.place.segment);
    log.publish(scan.end);
    Ok((log, writer, recovery))
}

/// Opens a log that another process may be writing. Shows it frames behind `start`, none with an
/// event behind `up_to`, which should be what the writing process says is synced; without it, all
/// that are whole. Nothing is changed on disk: a torn tail is not taken in, that is all.
pub(crate) fn open_read_only(
    dir: &Path,
    store_id: Uuid,
    start: Start,
    up_to: Option<Position>,
    visit: &mut Visit<'_>,
) -> Result<Log, StorageError> {
    list(dir)?;
    let mut scan = Scan::start(dir, store_id, start)?;
    let stop = recovery::scan_to_end(&mut scan, up_to, visit)?;
    recovery::check_end(&scan, stop, start.synced)?;
    let log = Log::new(dir, store_id, &scan);
    *lock(&log.0.follower) = Some(scan);
    Ok(log)
}

/// Refuses the log of another store, by its first segment. A log that was not begun is nobody's.
pub(crate) fn check_owner(dir: &Path, store_id: Uuid) -> Result<(), StorageError> {
    Scan::start(dir, store_id, Start::default()).map(drop)
}

impl Log {
    fn new(dir: &Path, store_id: Uuid, scan: &Scan) -> Self {
        let log = Self(Arc::new(Shared {
            dir: dir.to_owned(),
            store_id,
            published: RwLock::new(Snapshot {
                end: End {
                    position: Position::ZERO,
                    place: beginning(1),
                    time: Timestamp::from_micros(i64::MIN),
                },
                segments: Arc::default(),
            }),
            synced: AtomicU64::default(),
            follower: Mutex::default(),
        }));
        log.add_segment(scan.end.place.segment);
        log.publish(scan.end);
        log
    }

    /// Where it ends, as far as is published.
    pub(crate) fn end(&self) -> End {
        self.read(|published| published.end)
    }

    /// In the writing process, the position up to which everything is synced: what is derived
    /// from the log and synced itself must not go beyond it.
    pub(crate) fn synced(&self) -> Position {
        Position::new(self.0.synced.load(Ordering::Acquire))
    }

    fn note_synced(&self, position: Position) {
        self.0.synced.store(position.get(), Ordering::Release);
    }

    /// All that is published at this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.read(Snapshot::clone)
    }

    /// In a reading process: takes in the frames that another process has written since, none
    /// with an event behind `up_to`, and shows them to `visit`. Stops at the first that is not
    /// whole, and then says what is wrong with it: damage, if `up_to` was read before from a
    /// process that is still writing. Where this process writes, there is nothing to follow.
    pub(crate) fn follow(
        &self,
        up_to: Position,
        visit: &mut Visit<'_>,
    ) -> Result<Option<StorageError>, StorageError> {
        let mut follower = lock(&self.0.follower);
        let Some(scan) = follower.as_mut() else {
            return Ok(None);
        };
        if let Some(open) = &mut scan.open {
            open.window.refresh()?;
        }
        let outcome = scan.run(Some(up_to), visit);
        // What was shown is published, even if what came next could not be read.
        self.add_segment(scan.end.place.segment);
        self.publish(scan.end);
        Ok(recovery::missing(scan, outcome?, up_to))
    }

    /// How large its segments are, in bytes, with the room that the last one has for frames to come.
    pub(crate) fn bytes_on_disk(&self) -> Result<u64, StorageError> {
        let Snapshot { end, segments } = self.snapshot();
        // A log that was not begun may have no file yet.
        let may_be_missing = end.place <= beginning(1);
        let bytes = segments
            .iter()
            .map(|segment| match fs::metadata(&segment.path) {
                Ok(file) => Ok(file.len()),
                Err(error) if may_be_missing && error.kind() == io::ErrorKind::NotFound => Ok(0),
                Err(error) => Err(StorageError::io("measure", &segment.path, error)),
            });
        bytes.sum()
    }

    fn dir(&self) -> &Path {
        &self.0.dir
    }

    fn publish(&self, end: End) {
        let mut published = self
            .0
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        published.end = end;
    }

    /// Makes room for the segments up to this one; they are opened when they are needed.
    fn add_segment(&self, number: u32) {
        let mut published = self
            .0
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let segments = Arc::make_mut(&mut published.segments);
        for number in (1..=number).skip(segments.len()) {
            segments.push(writer::segment(&self.0.dir, number, self.0.store_id));
        }
    }

    /// Notes where the frames of a segment end for good.
    fn sealed(&self, number: u32, end: u64) {
        let found = self.read(|published| {
            let mut latest_first = published.segments.iter().rev();
            latest_first
                .find(|segment| segment.number == number)
                .cloned()
        });
        if let Some(found) = found {
            found.seal(end);
        }
    }

    fn read<T>(&self, f: impl FnOnce(&Snapshot) -> T) -> T {
        f(&self
            .0
            .published
            .read()
            .unwrap_or_else(PoisonError::into_inner))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes sure that there is every segment from the first to the last; says which is the last, 0 if
/// there is none.
fn list(dir: &Path) -> Result<u32, StorageError> {
    let failed = |error| StorageError::io("list", dir, error);
    let mut numbers = BTreeSet::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_suffix(".varve"))
            .filter(|digits| digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse::<u64>().ok());
        numbers.extend(number);
    }
    let damaged = |number: u64, what| {
        StorageError::damaged(Damage {
            path: dir.join(format!("{number:016}.varve")),
            offset: 0,
            position: None,
            what,
        })
    };
    let mut last = 0;
    for (expected, number) in (1..).zip(numbers) {
        let numbered = u32::try_from(number).ok().filter(|number| *number > 0);
        let numbered = numbered
            .ok_or_else(|| damaged(number, "segments are numbered from 1 to 4294967295"))?;
        last = numbered;
        if number != expected {
            return Err(damaged(
                expected,
                "a segment of the log is missing; put it back, from a backup of this store if need be",
            ));
        }
    }
    Ok(last)
}
