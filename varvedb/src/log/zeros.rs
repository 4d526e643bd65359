//! Zeros: the room for frames to come, and what is written over a torn tail.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::error::StorageError;

/// Writes zeros from `start` to `end`.
pub(super) fn write_zeros(
    file: &File,
    path: &Path,
    start: u64,
    end: u64,
) -> Result<(), StorageError> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    let mut at = start;
    while at < end {
        let count = usize::try_from(end - at).unwrap_or(usize::MAX);
        let zeros = ZEROS.get(..count).unwrap_or(&ZEROS);
        file.write_all_at(zeros, at)
            .map_err(|error| StorageError::io("write zeros to", path, error))?;
        at += zeros.len() as u64;
    }
    Ok(())
}

/// Whether there is nothing else in a part of a file.
pub(super) fn are_zeros(bytes: &[u8]) -> bool {
    // Within a chunk none is skipped, so that the compiler takes them together.
    let are_zeros = |chunk: &[u8]| chunk.iter().fold(0, |any, byte| any | byte) == 0;
    bytes.chunks(64).all(are_zeros)
}
