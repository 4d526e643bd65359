//! The floor of a durable write: bytes to a file, and `fdatasync`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};

/// Bytes that the file has before anything is measured; then it starts over.
const BYTES: u64 = 64 << 20;

/// A file of zeros that were really written, so that a write changes no metadata and finds its pages in memory.
pub struct RawFile {
    file: File,
    end: u64,
}

impl RawFile {
    pub fn new(dir: &Path) -> Self {
        let file = tempfile::tempfile_in(dir).unwrap();
        let zeros = vec![0; 1 << 20];
        for step in 0..BYTES >> 20 {
            file.write_all_at(&zeros, step << 20).unwrap();
        }
        file.sync_all().unwrap();
        Self { file, end: 0 }
    }

    /// One write and one sync.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.end + bytes.len() as u64 > BYTES {
            self.end = 0;
        }
        self.file.write_all_at(bytes, self.end).unwrap();
        self.file.sync_data().unwrap();
        self.end += bytes.len() as u64;
    }
}

/// A file that gets longer with each write, as a log has to.
pub struct GrowingFile {
    file: File,
    end: u64,
    /// Up to here it was made ready.
    room: u64,
}

/// A write of less finds zeros, which are written so far ahead; for more, blocks are allocated. For each size that
/// is what takes the least time.
const SMALL: usize = 128 << 10;
static ZEROS: [u8; 256 << 10] = [0; 256 << 10];
const BLOCKS: u64 = 4 << 20;

impl GrowingFile {
    pub fn new(dir: &Path) -> Self {
        Self {
            file: tempfile::tempfile_in(dir).unwrap(),
            end: 0,
            room: 0,
        }
    }

    /// One write and one sync.
    pub fn write(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len() as u64;
        if end > self.room {
            self.make_room(end, bytes.len() < SMALL);
        }
        self.file.write_all_at(bytes, self.end).unwrap();
        self.file.sync_data().unwrap();
        self.end = end;
    }

    fn make_room(&mut self, end: u64, is_small: bool) {
        if is_small {
            self.file.write_all_at(&ZEROS, end).unwrap();
            self.room = end + ZEROS.len() as u64;
        } else {
            fallocate(&self.file, FallocateFlags::empty(), end, BLOCKS).unwrap();
            self.room = end + BLOCKS;
        }
    }
}
