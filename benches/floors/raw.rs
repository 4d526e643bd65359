//! The floor of a durable write: bytes to a file that has its blocks already, and `fdatasync`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that the file has before anything is measured; then it starts over.
const BYTES: u64 = 64 << 20;

/// A file of zeros that were really written, so that a write changes no metadata.
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
