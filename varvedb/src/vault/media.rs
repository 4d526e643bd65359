//! Media (a stand-in until the real file is merged).

use std::fs::File;

/// What was found out about overwriting in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// The same block was overwritten.
    InPlaceVerified,
    /// The file system writes elsewhere.
    CopyOnWrite,
    /// The file system writes data to its journal first.
    Journaled,
    /// Not known.
    Unknown,
}

#[derive(Debug)]
pub(super) struct MediaProbe;

impl MediaProbe {
    pub(super) fn before(_file: &File, _offset: u64, _len: u64) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "a stand-in")]
    pub(super) fn after(self, _file: &File) -> Media {
        Media::Unknown
    }
}
