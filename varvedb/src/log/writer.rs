//! Laying commits: encode into one buffer, write it once, sync it once, publish.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use crate::definition::Definition;
use crate::directory;
use crate::error::StorageError;
use crate::log::blocks;
use crate::log::draft::{DraftStream, LayError, Laying};
use crate::log::fields::padding;
use crate::log::frame::{FrameHeader, FrameKind, Salt, encode_definitions};
use crate::log::scan::{Scan, beginning, totals_before};
use crate::log::segment::{
    self, FOOTER_BYTES, Footer, HEADER_BYTES, Segment, SegmentHeader, Totals, file_len,
};
use crate::log::zeros::write_zeros;
use crate::log::{End, FIRST_STEP_BYTES, Log, LogOptions};
use crate::position::{Place, Position};

/// The one that appends to a log. Owned by one thread.
#[derive(Debug)]
pub(crate) struct LogWriter {
    log: Log,
    options: LogOptions,
    active: Active,
    /// Frames that were laid and not written yet; they go to the end of the active segment.
    group: Vec<u8>,
    /// The log as it will be when the group is flushed.
    laid: End,
    /// Everything up to here is on the disk.
    synced: Position,
    /// Something was written and not synced.
    dirty: bool,
    /// The first failure; since then, nothing is known of what is on the disk.
    poison: Option<StorageError>,
}

/// Where a commit was laid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaidFrame {
    /// The position of its first event.
    pub(crate) first: Position,
    /// Where its frame begins.
    pub(crate) place: Place,
    /// Just behind its frame.
    pub(crate) end: Place,
}

/// The segment that is being written.
#[derive(Debug)]
struct Active {
    file: File,
    path: PathBuf,
    header: SegmentHeader,
    salt: Salt,
    /// Bytes of the file, with the room ahead of the frames.
    len: u64,
    /// Up to here it is written, with frames or with zeros for those to come.
    filled: u64,
    /// Where the next write goes: the end of the last frame.
    end: u64,
    /// Of all frames, the group included, that begin at `seen_from` or behind it.
    totals: Totals,
    seen_from: u64,
}

/// How far the zeros go that are written ahead of small groups. One write in so many waits for them, and each
/// behind a large group. With 1 MiB groups of 64 kB took 8 % less, and the longest of a thousand appends
/// three times as long.
const LAST_STEP_BYTES: u64 = 256 * 1024;
/// Groups of so many bytes lengthen the file. With fewer it is quicker to have the zeros there; with so many
/// it makes little difference, and they are not written twice.
const LARGE_BYTES: u64 = 128 * 1024;
/// How much is allocated ahead of large groups.
const ROOM_BYTES: u64 = 4 * 1024 * 1024;
/// The buffer is given back when a group needed more than this.
const KEPT_BUFFER_BYTES: usize = 8 * 1024 * 1024;
/// One frame of definitions is ended when it is longer than this.
const DEFINITIONS_BYTES: usize = 1024 * 1024;

impl LogWriter {
    /// A writer that goes on where the scan ended, which is durable.
    pub(super) fn resume(log: Log, options: LogOptions, scan: &Scan) -> Result<Self, StorageError> {
        let place = scan.end.place;
        let active = match &scan.open {
            Some(open) => Active::open(
                scan.path(place.segment),
                open.header,
                place.offset(),
                scan.totals,
                scan.seen_from,
            )?,
            None => Active::create(log.dir(), 1, HEADER_BYTES, &options, Position::new(1))?,
        };
        log.note_synced(scan.end.position);
        Ok(Self {
            log,
            options,
            active,
            group: Vec::new(),
            laid: scan.end,
            synced: scan.end.position,
            dirty: false,
            poison: None,
        })
    }

    /// Begins the segment behind one that is sealed.
    pub(super) fn resume_behind(
        log: Log,
        options: LogOptions,
        scan: &mut Scan,
    ) -> Result<Self, StorageError> {
        let number = next_number(scan.end.place.segment, log.dir())?;
        let first = scan.end.position.next();
        Active::create(log.dir(), number, 0, &options, first)?;
        if let Some(open) = scan.open_segment(number)? {
            scan.enter_segment(open);
        }
        Self::resume(log, options, scan)
    }

    /// The position that the next event gets.
    pub(crate) fn next_position(&self) -> Position {
        self.laid.position.next()
    }

    /// Lays definitions into the group, before the first commit that uses them. Says the position
    /// before which they lie: what is synced up to there includes them.
    pub(crate) fn define(&mut self, definitions: &[Definition]) -> Result<Position, StorageError> {
        self.check_poison()?;
        let mut text = Vec::new();
        for definition in definitions {
            definition.encode(&mut text);
            if text.len() > DEFINITIONS_BYTES {
                self.lay_definitions(&text)?;
                text.clear();
            }
        }
        if !text.is_empty() {
            self.lay_definitions(&text)?;
        }
        Ok(self.laid.position.next())
    }

    /// Lays a commit into the group; says where it and each of its events will be. It is neither
    /// written nor visible before the next flush.
    pub(crate) fn lay<'a>(
        &mut self,
        commit: &Laying<'a, impl Iterator<Item = DraftStream<'a>> + Clone>,
        placed: &mut Vec<Place>,
    ) -> Result<LaidFrame, LayError> {
        self.check_poison()?;
        let measure = commit.measure()?;
        self.make_room(measure.len)?;
        let header = FrameHeader {
            kind: FrameKind::Commit,
            len: measure.len,
            first: self.laid.position.next(),
            durable: self.synced,
            // Time never goes back in the log, whatever the clock does.
            time: commit.time.max(self.laid.time),
            records: measure.records,
            commit_id: commit.id,
        };
        let start = self.group.len();
        let place = self.laid.place;
        commit.encode(&header, self.active.salt, place, &mut self.group, placed);
        self.laid_frame(&header, start);
        Ok(LaidFrame {
            first: header.first,
            place,
            end: self.laid.place,
        })
    }

    /// Writes all that was laid, in one write; syncs it, in one sync, if asked to; and publishes
    /// it. After a failure the writer is of no use: reopen the log.
    pub(crate) fn flush(&mut self, sync: bool) -> Result<(), StorageError> {
        self.check_poison()?;
        let mut flushed = self.write_group();
        if sync {
            flushed = flushed.and_then(|()| self.sync_active());
        }
        self.poison_on_failure(flushed)?;
        self.log.publish(self.laid);
        Ok(())
    }

    /// Makes all that was flushed durable.
    pub(crate) fn sync(&mut self) -> Result<(), StorageError> {
        self.check_poison()?;
        let written = self.log.end().position;
        let synced = self.sync_file();
        self.poison_on_failure(synced)?;
        self.synced = written;
        self.log.note_synced(written);
        Ok(())
    }

    /// Gives back most of the room for frames that will not come now.
    pub(crate) fn trim(&mut self) {
        if self.poison.is_none() {
            self.active.trim();
        }
    }

    /// Takes away the right to write, as a failing disk does.
    #[cfg(test)]
    pub(super) fn make_read_only(&mut self) {
        if let Ok(file) = File::open(&self.active.path) {
            self.active.file = file;
        }
    }

    fn check_poison(&self) -> Result<(), StorageError> {
        match &self.poison {
            Some(cause) => Err(StorageError::poisoned(cause)),
            None => Ok(()),
        }
    }

    fn poison_on_failure<T>(&mut self, result: Result<T, StorageError>) -> Result<T, StorageError> {
        if let Err(error) = &result {
            self.poison = Some(error.clone());
        }
        result
    }

    fn lay_definitions(&mut self, text: &[u8]) -> Result<(), StorageError> {
        let body = 8 + text.len();
        let len = FrameHeader::BYTES + body + padding(body);
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.make_room(len)?;
        let header = FrameHeader {
            kind: FrameKind::Definitions,
            len,
            first: self.laid.position.next(),
            durable: self.synced,
            time: self.laid.time,
            records: 0,
            commit_id: Uuid::nil(),
        };
        let start = self.group.len();
        let bytes = header.encode(self.active.salt, self.laid.place);
        self.group.extend_from_slice(&bytes);
        encode_definitions(text, &mut self.group);
        self.laid_frame(&header, start);
        Ok(())
    }

    fn laid_frame(&mut self, header: &FrameHeader, start: usize) {
        let bytes = self.group.get(start..).unwrap_or_default();
        self.active.totals.add(header.records, bytes);
        self.laid.position = header.last();
        self.laid.time = header.time;
        self.laid.place.unit += header.len / 16;
    }

    /// Goes on to a new segment if a frame of `len` bytes has no room in this one.
    fn make_room(&mut self, len: u32) -> Result<(), StorageError> {
        let end = self.laid.place.offset() + u64::from(len) + FOOTER_BYTES;
        if end <= self.active.header.capacity {
            return Ok(());
        }
        self.flush(true)?;
        let rolled = self.roll(len);
        self.poison_on_failure(rolled)
    }

    fn roll(&mut self, len: u32) -> Result<(), StorageError> {
        let dir = self.log.dir().to_owned();
        let number = next_number(self.active.header.number, &dir)?;
        self.active.seal(&dir, self.laid.position)?;
        let first = self.laid.position.next();
        let need = HEADER_BYTES + u64::from(len) + FOOTER_BYTES;
        self.log.sealed(self.active.header.number, self.active.end);
        self.active = Active::create(&dir, number, need, &self.options, first)?;
        self.log.add_segment(number);
        self.laid.place = beginning(number);
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), StorageError> {
        if self.group.is_empty() {
            return Ok(());
        }
        self.dirty = true;
        self.active.write(&self.group)?;
        self.group.clear();
        self.group.shrink_to(KEPT_BUFFER_BYTES);
        Ok(())
    }

    fn sync_active(&mut self) -> Result<(), StorageError> {
        self.sync_file()?;
        self.synced = self.laid.position;
        self.log.note_synced(self.synced);
        Ok(())
    }

    /// On macOS this is `F_FULLFSYNC`: the standard library knows that `fsync` alone stops at the
    /// drive's cache there.
    fn sync_file(&mut self) -> Result<(), StorageError> {
        if self.dirty {
            self.active
                .file
                .sync_data()
                .map_err(|error| StorageError::io("sync", &self.active.path, error))?;
            self.dirty = false;
            tracing::trace!("synced the log");
        }
        Ok(())
    }
}

impl Active {
    fn open(
        path: PathBuf,
        header: SegmentHeader,
        end: u64,
        totals: Totals,
        seen_from: u64,
    ) -> Result<Self, StorageError> {
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(|error| StorageError::io("open", &path, error))?;
        let len = file_len(&file, &path)?;
        Ok(Self {
            file,
            salt: Salt::new(header.store_id, header.number),
            path,
            header,
            len,
            // What lies behind may be blocks that were allocated and never written.
            filled: end,
            end,
            totals,
            seen_from,
        })
    }

    /// Creates a segment that has room for `need` bytes at least, and makes it durable. A file of
    /// that name can only be one that a crash left without a header.
    fn create(
        dir: &Path,
        number: u32,
        need: u64,
        options: &LogOptions,
        first: Position,
    ) -> Result<Self, StorageError> {
        let header = SegmentHeader {
            number,
            capacity: options.capacity().max(need),
            store_id: options.store_id,
            first,
        };
        let path = segment::path(dir, number);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(|error| StorageError::io("create", &path, error))?;
        let mut bytes = header.encode().to_vec();
        let len = FIRST_STEP_BYTES.min(header.capacity);
        bytes.resize(usize::try_from(len).unwrap_or(usize::MAX), 0);
        file.write_all_at(&bytes, 0)
            .map_err(|error| StorageError::io("write", &path, error))?;
        file.sync_all()
            .map_err(|error| StorageError::io("sync", &path, error))?;
        directory::sync_storage(dir)?;
        Ok(Self {
            filled: len,
            ..Self::open(path, header, HEADER_BYTES, Totals::default(), HEADER_BYTES)?
        })
    }

    fn write(&mut self, group: &[u8]) -> Result<(), StorageError> {
        let end = self.end + group.len() as u64;
        self.make_ready(end)?;
        self.file
            .write_all_at(group, self.end)
            .map_err(|error| StorageError::io("write", &self.path, error))?;
        self.end = end;
        tracing::trace!(bytes = group.len(), end, "wrote to the log");
        Ok(())
    }

    /// Makes the file ready for a write that ends at `end`.
    fn make_ready(&mut self, end: u64) -> Result<(), StorageError> {
        if end - self.end >= LARGE_BYTES {
            self.allocate(end)?;
        } else if end > self.filled {
            self.fill(end)?;
        }
        self.filled = self.filled.max(end);
        self.len = self.len.max(self.filled);
        Ok(())
    }

    /// Writes zeros behind a small group, so that the syncs of those to come have no blocks to allocate and
    /// no length to note. They are only there to be quick: where the disk has no room for them, the group may still have it.
    fn fill(&mut self, end: u64) -> Result<(), StorageError> {
        let step = self.filled.clamp(FIRST_STEP_BYTES, LAST_STEP_BYTES);
        let filled = (end + step).min(self.header.capacity);
        match write_zeros(&self.file, &self.path, end, filled) {
            Ok(()) => self.filled = filled,
            Err(error) if error.is_full() => {
                tracing::debug!(%error, "the log has no zeros ahead");
                self.give_back_room(self.len.max(end))?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Has blocks allocated for a large group and those to come. To write all of their bytes twice would take
    /// longer than to note their blocks; where that cannot be done ahead, the write itself does it.
    fn allocate(&mut self, end: u64) -> Result<(), StorageError> {
        if end <= self.len {
            return Ok(());
        }
        let len = (end + ROOM_BYTES).min(self.header.capacity);
        match blocks::allocate(&self.file, self.len..len) {
            Ok(()) => self.len = len,
            Err(error) => {
                tracing::debug!(%error, "the log has no blocks allocated ahead");
                if error.kind() == io::ErrorKind::StorageFull {
                    self.give_back_room(self.len)?;
                }
            }
        }
        Ok(())
    }

    /// Gives back what an attempt to make room has taken of a full disk: the group needs it.
    fn give_back_room(&self, len: u64) -> Result<(), StorageError> {
        self.file
            .set_len(len)
            .map_err(|error| StorageError::io("trim", &self.path, error))
    }

    /// Shortens the file to the room that small groups need. That it cannot costs nothing but room.
    fn trim(&mut self) {
        let len = self.end + LAST_STEP_BYTES;
        if len < self.len
            && let Err(error) = self.file.set_len(len)
        {
            tracing::debug!(%error, path = %self.path.display(), "could not give back the room");
        }
    }

    /// Ends the segment. Its frames are durable before its footer is written, and that is durable
    /// before the next segment is created.
    fn seal(&mut self, dir: &Path, last: Position) -> Result<(), StorageError> {
        let header = &self.header;
        let mut totals = self.totals;
        if self.seen_from > HEADER_BYTES {
            let before = totals_before(dir, header.store_id, header.number, self.seen_from)?;
            totals = before.then(totals);
        }
        let footer = Footer {
            first: header.first,
            last,
            end: self.end,
            totals,
        };
        self.file
            .write_all_at(&footer.encode(), self.end)
            .map_err(|error| StorageError::io("seal", &self.path, error))?;
        self.file
            .set_len(self.end + FOOTER_BYTES)
            .map_err(|error| StorageError::io("trim", &self.path, error))?;
        self.file
            .sync_all()
            .map_err(|error| StorageError::io("sync", &self.path, error))
    }
}

/// Makes durable what a program that was killed may have left in the page cache of a segment.
pub(super) fn sync_segment(dir: &Path, number: u32) -> Result<(), StorageError> {
    if number == 0 {
        return Ok(());
    }
    let path = segment::path(dir, number);
    File::open(&path)
        .and_then(|file| file.sync_all())
        .map_err(|error| StorageError::io("sync", &path, error))
}

fn next_number(number: u32, dir: &Path) -> Result<u32, StorageError> {
    number.checked_add(1).ok_or_else(|| {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        StorageError::io("number another segment in", dir, error)
    })
}

/// Shared by every snapshot taken from now on.
pub(super) fn segment(dir: &Path, number: u32, store_id: Uuid) -> Arc<Segment> {
    Arc::new(Segment::new(dir, number, store_id))
}
