//! A file of the log: its name, its header, its footer, and reading it where it lies.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memmap2::{Advice, MmapOptions, MmapRaw};
use uuid::Uuid;

use crate::error::{Damage, StorageError};
use crate::log::fields::Fields;
use crate::log::frame::Salt;
use crate::log::zeros::are_zeros;
use crate::position::{Place, Position};

/// What begins a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) number: u32,
    /// The most bytes the file may have, header and footer included.
    pub(super) capacity: u64,
    pub(super) store_id: Uuid,
    /// The position that comes next.
    pub(super) first: Position,
}

/// What ends a segment that is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) first: Position,
    /// One less than `first`, if there are no events.
    pub(super) last: Position,
    /// Where the frames end and the footer begins.
    pub(super) end: u64,
    pub(super) totals: Totals,
}

/// What a segment holds, as far as its frames were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) records: u64,
    pub(super) frames: u64,
    /// crc32c over the checksums of all frame headers, in order.
    pub(super) checksum: u32,
}

pub(super) const HEADER_BYTES: u64 = 64;
pub(super) const FOOTER_BYTES: u64 = 64;
/// The most a [`Place`] can reach, with room to point behind the last frame.
pub(super) const MAX_SEGMENT_BYTES: u64 = u32::MAX as u64 * Place::UNIT;

const HEADER_MAGIC: [u8; 8] = *b"VARVELOG";
pub(super) const FOOTER_MAGIC: [u8; 8] = *b"VARVEEND";
const FORMAT: u16 = 1;
const BLOCK: usize = 64;

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; BLOCK] {
        let mut out = Vec::with_capacity(BLOCK);
        out.extend_from_slice(&HEADER_MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&64_u16.to_le_bytes());
        out.extend_from_slice(&0_u32.to_le_bytes());
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&0_u32.to_le_bytes());
        out.extend_from_slice(&self.capacity.to_le_bytes());
        out.extend_from_slice(self.store_id.as_bytes());
        out.extend_from_slice(&self.first.get().to_le_bytes());
        signed(&out)
    }

    fn parse(block: &[u8; BLOCK]) -> Result<Self, &'static str> {
        const SHORT: &str = "a segment's header is cut short";
        if !block.starts_with(&HEADER_MAGIC) {
            return Err("this is not a segment of a VarveDB log");
        }
        if !is_signed(block) {
            return Err("the checksum of a segment's header does not match");
        }
        Self::fields(block).ok_or(SHORT)?
    }

    fn fields(block: &[u8; BLOCK]) -> Option<Result<Self, &'static str>> {
        let mut fields = Fields::new(block);
        fields.array::<8>()?;
        if (fields.u16()?, fields.u16()?, fields.u32()?) != (FORMAT, 64, 0) {
            return Some(Err("a segment of a format that only a newer version knows"));
        }
        let number = fields.u32()?;
        fields.u32()?;
        let header = Self {
            number,
            capacity: fields.u64()?,
            store_id: fields.uuid()?,
            first: Position::new(fields.u64()?),
        };
        let possible = header.capacity >= HEADER_BYTES + FOOTER_BYTES
            && header.capacity <= MAX_SEGMENT_BYTES
            && header.capacity.is_multiple_of(Place::UNIT);
        Some(if possible {
            Ok(header)
        } else {
            Err("a segment's header states an impossible capacity")
        })
    }

    /// Reads and checks the header of segment `number` of this store. `None` when the file was
    /// created and nothing was written to it yet.
    pub(super) fn read(
        file: &File,
        path: &Path,
        number: u32,
        store_id: Uuid,
    ) -> Result<Option<Self>, StorageError> {
        let damaged = |what| {
            StorageError::damaged(Damage {
                path: path.to_owned(),
                offset: 0,
                position: None,
                what,
            })
        };
        let metadata = file
            .metadata()
            .map_err(|error| StorageError::io("examine", path, error))?;
        if !metadata.is_file() {
            return Err(damaged("a segment has to be a regular file"));
        }
        let mut block = [0; BLOCK];
        let read = read_at_most(file, &mut block, 0)
            .map_err(|error| StorageError::io("read", path, error))?;
        // Only zeros: created, and nothing was written to it. Frames behind a header of zeros would
        // be overwritten if that were taken for a file without any.
        if block == [0; BLOCK] && holds_only_zeros(file, path, metadata.len())? {
            return Ok(None);
        }
        if read < BLOCK {
            return Err(damaged("a segment's header is cut short"));
        }
        let header = Self::parse(&block).map_err(damaged)?;
        if header.store_id != store_id {
            return Err(damaged(
                "this segment belongs to another store than `store.toml` says; put back the one that \
                 was exchanged",
            ));
        }
        if header.number != number {
            return Err(damaged("this is another segment than its name says"));
        }
        if metadata.len() > header.capacity {
            return Err(damaged("a segment is longer than its header allows"));
        }
        Ok(Some(header))
    }
}

impl Footer {
    pub(super) fn encode(&self) -> [u8; BLOCK] {
        let mut out = Vec::with_capacity(BLOCK);
        out.extend_from_slice(&FOOTER_MAGIC);
        out.extend_from_slice(&self.first.get().to_le_bytes());
        out.extend_from_slice(&self.last.get().to_le_bytes());
        out.extend_from_slice(&self.totals.records.to_le_bytes());
        out.extend_from_slice(&self.totals.frames.to_le_bytes());
        out.extend_from_slice(&self.end.to_le_bytes());
        out.extend_from_slice(&self.totals.checksum.to_le_bytes());
        signed(&out)
    }

    /// Reads the footer that lies at `offset`, if one does.
    pub(super) fn parse(bytes: &[u8], offset: u64) -> Option<Self> {
        let block = bytes.first_chunk::<BLOCK>()?;
        if !block.starts_with(&FOOTER_MAGIC) || !is_signed(block) {
            return None;
        }
        let mut fields = Fields::new(block);
        fields.array::<8>()?;
        let first = Position::new(fields.u64()?);
        let last = Position::new(fields.u64()?);
        let records = fields.u64()?;
        let frames = fields.u64()?;
        let end = fields.u64()?;
        let checksum = fields.u32()?;
        let consistent = end == offset && last.next().get().checked_sub(first.get())? == records;
        consistent.then_some(Self {
            first,
            last,
            end,
            totals: Totals {
                records,
                frames,
                checksum,
            },
        })
    }
}

impl Totals {
    /// Takes in the next frame.
    pub(super) fn add(&mut self, records: u32, header: &[u8]) {
        self.records += u64::from(records);
        self.frames += 1;
        let checksum = header.get(12..16).unwrap_or_default();
        self.checksum = crc32c::crc32c_append(self.checksum, checksum);
    }

    /// Both together, when the frames of `later` follow.
    pub(super) fn then(self, later: Self) -> Self {
        let bytes = usize::try_from(later.frames * 4).unwrap_or(usize::MAX);
        Self {
            records: self.records + later.records,
            frames: self.frames + later.frames,
            checksum: crc32c::crc32c_combine(self.checksum, later.checksum, bytes),
        }
    }
}

/// The block of these fields, zero-padded, its own checksum at the end.
fn signed(fields: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block
        .iter_mut()
        .zip(fields)
        .for_each(|(to, from)| *to = *from);
    if let Some((covered, checksum)) = block.split_last_chunk_mut::<4>() {
        *checksum = crc32c::crc32c(covered).to_le_bytes();
    }
    block
}

fn is_signed(block: &[u8; BLOCK]) -> bool {
    block
        .split_last_chunk::<4>()
        .is_some_and(|(covered, stored)| u32::from_le_bytes(*stored) == crc32c::crc32c(covered))
}

fn holds_only_zeros(file: &File, path: &Path, len: u64) -> Result<bool, StorageError> {
    if len > super::FIRST_STEP_BYTES {
        return Ok(false);
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
    read_at_most(file, &mut bytes, 0).map_err(|error| StorageError::io("read", path, error))?;
    Ok(are_zeros(&bytes))
}

/// Fills as much of `buffer` as the file has from `offset` on.
pub(super) fn read_at_most(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// One segment as readers see it: mapped when first needed, for its whole capacity, once for each
/// way of reading.
///
/// The file is closed again once it is mapped, so a log may have more segments than a process may
/// have open files.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) path: PathBuf,
    pub(super) salt: Salt,
    store_id: Uuid,
    /// With the kernel's read-ahead, for whoever reads on and on.
    in_order: OnceLock<MmapRaw>,
    /// Without, for whoever reads here and there: where nothing is cached, read-ahead would read
    /// thirty pages for each that is wanted.
    scattered: OnceLock<MmapRaw>,
    /// Where the frames end, once the segment is sealed.
    sealed_end: OnceLock<u64>,
}

/// How bytes of a segment are going to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    InOrder,
    Scattered,
}

impl Segment {
    pub(super) fn new(dir: &Path, number: u32, store_id: Uuid) -> Self {
        Self {
            number,
            path: path(dir, number),
            salt: Salt::new(store_id, number),
            store_id,
            in_order: OnceLock::new(),
            scattered: OnceLock::new(),
            sealed_end: OnceLock::new(),
        }
    }

    /// Notes where the frames end, now that no more will come.
    pub(super) fn seal(&self, end: u64) {
        let _known_already = self.sealed_end.set(end);
    }

    /// All of a sealed segment up to its footer.
    pub(super) fn sealed(&self, access: Access) -> Result<&[u8], StorageError> {
        if let Some(end) = self.sealed_end.get() {
            return self.published(*end, access);
        }
        let file = self.open()?;
        let footer = read_footer(&file, &self.path)?
            .ok_or_else(|| self.damaged(0, "a segment that others follow has no footer"))?;
        self.seal(footer.end);
        self.published(footer.end, access)
    }

    /// Asks the kernel to fetch the pages around these bytes, if they are not in memory. That it
    /// cannot only costs time.
    pub(super) fn fetch(&self, offset: usize, len: usize) {
        if let Some(map) = self.scattered.get() {
            let len = len.min(map.len().saturating_sub(offset));
            if len > 0 {
                let _slower = map.advise_range(Advice::WillNeed, offset, len);
            }
        }
    }

    /// The bytes up to `end`, all of which are published: laid, whole, and never changed again.
    pub(super) fn published(&self, end: u64, access: Access) -> Result<&[u8], StorageError> {
        let map = match self.mapped(access).get() {
            Some(map) => map,
            None => self.map(end, access)?,
        };
        let len = usize::try_from(end)
            .ok()
            .filter(|len| *len <= map.len())
            .ok_or_else(|| self.damaged(end, "a segment is shorter than the log says"))?;
        #[expect(unsafe_code, reason = "a segment is read where it is mapped")]
        // SAFETY: `from_raw_parts` asks for
        // - a pointer that is not null, aligned, and valid for reads of `len` bytes of one
        //   allocation: the mapping has at least `len` bytes, was checked above; the file has at
        //   least `len`, too: `map` checked that for the end it was asked for, and a later end
        //   is published only after these bytes were written to the file. Files of a log are
        //   trimmed only behind their footer, or behind the last frame: when the writer closes, and
        //   when the disk had no room ahead of it. All of that lies behind every published end.
        // - initialized bytes: those of a file always are;
        // - no mutation while the slice lives: the mapping is read-only, and no process that
        //   goes through this crate writes below a published end again: there is one writing
        //   process, held by a lock, and it appends behind the end; recovery writes only behind
        //   the last frame that is whole, with none before it that is not, and this is as far as
        //   a reading process publishes, whatever head it was told. Others who truncate or edit
        //   the files of an open store break every database; the docs of `Store` forbid it. A
        //   disk that fails while it takes buffered frames in, and then gives the kernel other
        //   bytes for them, is the one case that nothing here can exclude;
        // - a length within `isize::MAX`: a mapping of more could not have been made.
        // The slice borrows `self`, which owns the mapping and never gives it up.
        Ok(unsafe { std::slice::from_raw_parts(map.as_ptr(), len) })
    }

    fn mapped(&self, access: Access) -> &OnceLock<MmapRaw> {
        match access {
            Access::InOrder => &self.in_order,
            Access::Scattered => &self.scattered,
        }
    }

    fn map(&self, end: u64, access: Access) -> Result<&MmapRaw, StorageError> {
        let file = self.open()?;
        let header = SegmentHeader::read(&file, &self.path, self.number, self.store_id)?
            .ok_or_else(|| self.damaged(0, "a segment's header is missing"))?;
        let len = file_len(&file, &self.path)?;
        if len < end {
            return Err(self.damaged(len, "a segment is shorter than the log says"));
        }
        let capacity = usize::try_from(header.capacity)
            .map_err(|_| self.damaged(0, "a segment is larger than this machine can map"))?;
        let map = MmapOptions::new()
            .len(capacity)
            .map_raw_read_only(&file)
            .map_err(|error| StorageError::io("map", &self.path, error))?;
        if access == Access::Scattered {
            let _slower = map.advise(Advice::Random);
        }
        Ok(self.mapped(access).get_or_init(|| map))
    }

    fn open(&self) -> Result<File, StorageError> {
        File::open(&self.path).map_err(|error| StorageError::io("open", &self.path, error))
    }

    pub(super) fn damaged(&self, offset: u64, what: &'static str) -> StorageError {
        StorageError::damaged(Damage {
            path: self.path.clone(),
            offset,
            position: None,
            what,
        })
    }
}

/// The footer at the end of the file, if it has one there.
pub(super) fn read_footer(file: &File, path: &Path) -> Result<Option<Footer>, StorageError> {
    let len = file_len(file, path)?;
    let behind_header = |offset: &u64| *offset >= HEADER_BYTES;
    let Some(offset) = len.checked_sub(FOOTER_BYTES).filter(behind_header) else {
        return Ok(None);
    };
    let mut block = [0; BLOCK];
    read_at_most(file, &mut block, offset)
        .map_err(|error| StorageError::io("read", path, error))?;
    Ok(Footer::parse(&block, offset))
}

pub(super) fn file_len(file: &File, path: &Path) -> Result<u64, StorageError> {
    file.metadata()
        .map(|metadata| metadata.len())
        .map_err(|error| StorageError::io("examine", path, error))
}

/// The file of segment `number`.
pub(super) fn path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:016}.varve"))
}
