//! Blocks of the disk that belong to a file before anything is written to them.

use std::fs::File;
use std::io;
use std::ops::Range;

/// Has the blocks of these bytes allocated, and lengthens the file. An error may leave some of both.
#[cfg(target_os = "linux")]
pub(super) fn allocate(file: &File, bytes: Range<u64>) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};

    let len = bytes.end - bytes.start;
    fallocate(file, FallocateFlags::empty(), bytes.start, len).map_err(io::Error::from)
}

/// Elsewhere there is no call that asks for these and no more.
#[cfg(not(target_os = "linux"))]
pub(super) fn allocate(_: &File, _: Range<u64>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
