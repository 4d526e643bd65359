//! The versions of the streams, everything that was laid included, synced or not.
//!
//! What was laid into the group at hand is here; the index knows all that was laid before.

use std::collections::HashMap;

use crate::error::StorageError;
use crate::index::{Index, NameHasher, StreamName};
use crate::position::Version;
use crate::store::unwritten::{StreamAppend, Unwritten};

/// Streams for which memory is kept from group to group.
const KEPT: usize = 4096;

#[derive(Debug)]
pub(super) struct Heads {
    index: Index,
    /// What the streams of this group have come to, those of the commit at hand included.
    laid: HashMap<StreamName, Version, NameHasher>,
    /// What was there before the commit at hand, which may still be refused.
    replaced: Vec<(StreamName, Option<Version>)>,
}

impl Heads {
    pub(super) fn new(index: Index) -> Self {
        Self {
            index,
            laid: HashMap::default(),
            replaced: Vec::new(),
        }
    }

    /// Begins a group: the index knows all that was laid before.
    pub(super) fn begin(&mut self) {
        self.laid.clear();
        self.laid.shrink_to(KEPT);
        self.replaced.clear();
        self.replaced.shrink_to(KEPT);
    }

    /// Looks at the streams of commits that are going to be laid into this group.
    pub(super) fn look_ahead<'a>(&self, commits: impl Iterator<Item = &'a mut Unwritten>) {
        let appends = commits.flat_map(|commit| &mut commit.streams);
        let named = appends.filter_map(|append| Some((append.name.as_ref()?, &mut append.found)));
        self.index.recall(named);
    }

    /// Begins a commit. If the one before was not [laid](Self::laid), it leaves nothing behind.
    pub(super) fn begin_commit(&mut self) {
        for (stream, version) in self.replaced.drain(..).rev() {
            match version {
                Some(version) => self.laid.insert(stream, version),
                None => self.laid.remove(&stream),
            };
        }
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

    /// Notes what a stream comes to, if the commit at hand is laid.
    pub(super) fn advance(&mut self, stream: &StreamName, version: Version) {
        let before = self.laid.insert(stream.clone(), version);
        self.replaced.push((stream.clone(), before));
    }

    /// The commit at hand was laid.
    pub(super) fn laid(&mut self) {
        self.replaced.clear();
    }
}
