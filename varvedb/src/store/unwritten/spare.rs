//! The memory of a commit that was written, for the next one that its thread makes.

use std::cell::Cell;

use super::Unwritten;

thread_local! {
    static SPARE: Cell<Option<Box<Unwritten>>> = const { Cell::new(None) };
}

/// A thread keeps room for so many bytes of records, and so many streams and types of one commit;
/// what had more is given back whole.
const KEPT_BYTES: usize = 1 << 20;
const KEPT: usize = 4096;

/// A commit without events, with the memory of one before it if there is one.
pub(super) fn take() -> Box<Unwritten> {
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    spare.unwrap_or_default()
}

/// Keeps the memory of a commit that nobody needs any more.
pub(super) fn keep(mut commit: Box<Unwritten>) {
    if commit.draft.capacity() > KEPT_BYTES
        || commit.streams.capacity() > KEPT
        || commit.types.capacity() > KEPT
    {
        return;
    }
    commit.clear();
    let _thread_ends = SPARE.try_with(|spare| spare.set(Some(commit)));
}
