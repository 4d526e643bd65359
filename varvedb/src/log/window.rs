//! A window onto a segment's file, for bytes that nothing is proved of yet.
//!
//! It reads them, where published bytes are mapped: a file that is cut short, a disk that fails
//! and a writer at work are then an error or a wrong checksum, not a signal or a changing slice.

use std::fs::File;
use std::path::{Path, PathBuf};

use rkyv::util::AlignedVec;

use crate::error::StorageError;
use crate::log::segment::{file_len, read_at_most};
use crate::log::zeros::are_zeros;

/// The file, and the part of it that was read last.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) file: File,
    path: PathBuf,
    len: u64,
    start: u64,
    /// Aligned like the file, so that payloads are, too.
    bytes: AlignedVec<16>,
    reach: usize,
}

const FIRST_REACH: usize = 16 * 1024;
const LAST_REACH: usize = 1024 * 1024;

impl Window {
    pub(super) fn new(file: File, path: &Path) -> Result<Self, StorageError> {
        let mut window = Self {
            file,
            path: path.to_owned(),
            len: 0,
            start: 0,
            bytes: AlignedVec::new(),
            reach: FIRST_REACH,
        };
        window.refresh()?;
        Ok(window)
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Forgets what was read.
    pub(super) fn refresh(&mut self) -> Result<(), StorageError> {
        self.len = file_len(&self.file, &self.path)?;
        self.bytes.clear();
        self.reach = FIRST_REACH;
        Ok(())
    }

    /// `count` bytes from `offset` on; fewer where the file ends.
    pub(super) fn get(&mut self, offset: u64, count: usize) -> Result<&[u8], StorageError> {
        let count = usize::try_from(self.len.saturating_sub(offset))
            .unwrap_or(usize::MAX)
            .min(count);
        let end = offset.saturating_add(count as u64);
        if offset < self.start || end > self.start + self.bytes.len() as u64 {
            self.read(offset, count)?;
        }
        let skip = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let rest = self.bytes.as_slice().get(skip..).unwrap_or_default();
        Ok(rest.get(..count).unwrap_or(rest))
    }

    fn read(&mut self, offset: u64, count: usize) -> Result<(), StorageError> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = count.max(self.reach).min(left);
        self.reach = (self.reach * 2).min(LAST_REACH);
        self.bytes.resize(len, 0);
        let filled = read_at_most(&self.file, self.bytes.as_mut_slice(), offset)
            .map_err(|error| StorageError::io("read", &self.path, error))?;
        self.bytes.resize(filled, 0);
        self.start = offset;
        Ok(())
    }

    /// Where the last byte from `offset` on that is not zero ends; `offset`, if all are zero.
    pub(super) fn written_end(&mut self, offset: u64) -> Result<u64, StorageError> {
        let mut end = offset;
        let mut at = offset;
        while at < self.len {
            let bytes = self.get(at, LAST_REACH)?;
            let Some(last) = bytes.len().checked_sub(1) else {
                break;
            };
            if !are_zeros(bytes)
                && let Some(i) = bytes.iter().rposition(|byte| *byte != 0)
            {
                end = at + i as u64 + 1;
            }
            at += last as u64 + 1;
        }
        Ok(end)
    }
}
