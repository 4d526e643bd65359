//! The versions of the streams, everything that was laid included, synced or not.
//!
//! What was laid into the group at hand is here; the index knows all that was laid before.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::error::StorageError;
use crate::index::{Index, StreamName};
use crate::position::Version;
use crate::store::unwritten::{StreamAppend, Unwritten};

/// Streams for which memory is kept from group to group.
const KEPT: usize = 4096;

#[derive(Debug)]
pub(super) struct Heads {
    index: Index,
    laid: HashMap<StreamName, Version, RandomState>,
}

impl Heads {
    pub(super) fn new(index: Index) -> Self {
        Self {
            index,
            laid: HashMap::default(),
        }
    }

    /// Begins a group: the index knows all that was laid before.
    pub(super) fn begin(&mut self) {
        self.laid.clear();
        self.laid.shrink_to(KEPT);
    }

    /// Looks at the streams of commits that are going to be laid into this group.
    pub(super) fn look_ahead<'a>(&self, commits: impl Iterator<Item = &'a mut Unwritten>) {
        let appends = commits.flat_map(|commit| &mut commit.streams);
        let named = appends.filter_map(|append| Some((append.name.as_ref()?, &mut append.found)));
        self.index.recall(named);
    }

    /// The version of a stream.
    pub(super) fn version(
        &self,
        name: &StreamName,
        append: &StreamAppend,
    ) -> Result<Version, StorageError> {
        match self.laid.get(name).copied().or(append.found) {
            Some(version) => Ok(version),
            None => self.index.version_of(name),
        }
    }

    /// Remembers that events were laid.
    pub(super) fn laid(&mut self, stream: StreamName, version: Version) {
        self.laid.insert(stream, version);
    }
}
