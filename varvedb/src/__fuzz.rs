//! Doors for fuzzers: hostile bytes to where bytes from the disk are read. Not for people: it
//! changes without notice.

use std::collections::BTreeMap;

use crate::codec::decode_value;
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

/// Reads bytes as the row of a snapshot, as they are and with their checksum made right; says whether
/// there is a state in them.
pub fn snapshot(bytes: &[u8]) -> bool {
    type State = (String, Vec<(u64, Option<String>)>, BTreeMap<String, u64>);
    let is_state = |row: index::SnapshotRow<'_>| {
        let snapshot = row.open().ok();
        snapshot.is_some_and(|snapshot| decode_value::<State>(snapshot.state).is_ok())
    };
    let as_it_is = index::see_hostile_snapshot(bytes, false, is_state);
    index::see_hostile_snapshot(bytes, true, is_state) || as_it_is
}
