//! What the medium under a file does when bytes are overwritten: the old ones are gone, or they are not.
//!
//! What is found out is about the file system. What the device below does, such as a disk that moves worn-out
//! cells, no program can see.

#[cfg(target_os = "linux")]
mod linux;

use std::fs::File;

#[cfg(target_os = "linux")]
use self::linux::Extents;

/// What became of bytes that were overwritten, as far as the file system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Media {
    /// The new bytes lie in the same blocks as the old ones did, in no other file's, and the file system
    /// keeps no journal of content. Seen by its own map of blocks, before and after.
    InPlaceVerified,
    /// It could not be found out, so the old bytes may still be there.
    Unknown,
    /// The file system writes content into its journal first, where the old bytes stay until it comes round.
    Journaled,
    /// The new bytes lie elsewhere, or the blocks are shared with a snapshot or a copy: the old ones are
    /// still there.
    CopyOnWrite,
}

impl Media {
    /// Of two replicas, what is said of both: the lesser one.
    #[must_use]
    pub fn lesser(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Looks where bytes of a file lie, before they are overwritten and after.
#[derive(Debug)]
pub(super) struct MediaProbe {
    #[cfg(target_os = "linux")]
    before: Option<Extents>,
}

#[cfg(target_os = "linux")]
impl MediaProbe {
    /// Looks where `len` bytes at `offset` lie now.
    pub(super) fn before(file: &File, offset: u64, len: u64) -> Self {
        let before = Extents::of(file, offset, len);
        Self { before }
    }

    /// What became of them. The file must have been synced since.
    pub(super) fn after(&self, file: &File) -> Media {
        let Some(before) = &self.before else {
            return linux::without_extents(file);
        };
        linux::judge(file, before)
    }
}

#[cfg(not(target_os = "linux"))]
impl MediaProbe {
    /// Looks where `len` bytes at `offset` lie now.
    pub fn before(_: &File, _: u64, _: u64) -> Self {
        Self {}
    }

    /// What became of them. The file must have been synced since.
    pub fn after(&self, _: &File) -> Media {
        Media::Unknown
    }
}

/// Asks the file system, of a file that is still empty, to overwrite its bytes in place and to leave it out of
/// dumps. Where it cannot, the file is as it was; what it does in the end, a [`MediaProbe`] sees.
pub(crate) fn ask_to_overwrite_in_place(file: &File) {
    #[cfg(target_os = "linux")]
    linux::ask_to_overwrite_in_place(file);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}
