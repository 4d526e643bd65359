//! Doors for fuzzers: hostile bytes to where bytes from the disk are read. Not for people: it
//! changes without notice.

use crate::{index, log};

/// Reads bytes as a segment of a log; says how many frames in it are whole.
pub fn segment(bytes: &[u8]) -> usize {
    log::parse_segment(bytes)
}

/// Reads bytes as a segment, after its checksums are made right: the first of `changes` says what
/// it holds, the others which bytes of it are changed before its checksums are made again.
pub fn signed_segment(changes: &[u8]) -> usize {
    log::parse_signed(changes)
}

/// Reads bytes as a chunk of the index; says how many points it has.
pub fn chunk(bytes: &[u8]) -> Option<usize> {
    index::decode_chunk(bytes)
}
