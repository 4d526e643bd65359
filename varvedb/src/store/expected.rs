//! What an append expects of its stream, and what it says when it finds something else.

use std::fmt;

use crate::position::Version;
use crate::stream::StreamId;

/// What must be true of a stream for an append to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Nothing: append whatever has been written meanwhile.
    Any,
    /// The stream has no events yet.
    NoStream,
    /// The stream has at least one event.
    StreamExists,
    /// The stream has exactly this many events.
    Exact(Version),
}

impl ExpectedVersion {
    /// Whether a stream at `actual` is what was expected.
    pub(crate) fn accepts(self, actual: Version) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == Version::ZERO,
            Self::StreamExists => actual > Version::ZERO,
            Self::Exact(expected) => actual == expected,
        }
    }
}

impl From<Version> for ExpectedVersion {
    fn from(version: Version) -> Self {
        Self::Exact(version)
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no stream"),
            Self::StreamExists => f.write_str("an existing stream"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}

/// The expectation of an append was not met. Nothing of its commit was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "stream {stream} is at version {actual}, expected {expected}; load it again and decide anew"
)]
pub struct VersionConflict {
    /// The stream.
    pub stream: StreamId,
    /// What was expected.
    pub expected: ExpectedVersion,
    /// What was found; 0 means no stream.
    pub actual: Version,
}
