//! The versions of the streams that were written to lately, so that an append to one of them asks
//! neither the tail nor the index.
//!
//! Only the writer thread changes versions, and it changes them here first; what is here is right
//! whatever is synced or folded. Memory is bounded by forgetting in generations: what was not written
//! to since the last change of generation is forgotten at the next. Never within a group: the index
//! does not know yet what was laid into it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::error::StorageError;
use crate::index::{Index, StreamName};
use crate::position::Version;

type Generation = HashMap<StreamName, Version, RandomState>;

#[derive(Debug)]
pub(super) struct Heads {
    index: Index,
    young: Generation,
    old: Generation,
    max_streams: usize,
}

impl Heads {
    /// Remembers about `max_streams` streams.
    pub(super) fn new(index: Index, max_streams: usize) -> Self {
        Self {
            index,
            young: Generation::default(),
            old: Generation::default(),
            max_streams,
        }
    }

    /// The version of a stream, everything that was laid included.
    pub(super) fn version(&self, stream: &StreamName) -> Result<Version, StorageError> {
        let known = self.young.get(stream).or_else(|| self.old.get(stream));
        known.map_or_else(|| self.index.version_of(stream), |version| Ok(*version))
    }

    /// Remembers that events were laid.
    pub(super) fn laid(&mut self, stream: StreamName, version: Version) {
        self.young.insert(stream, version);
    }

    /// Begins another generation if this one is full; the index has to know all that was laid.
    pub(super) fn forget_oldest(&mut self) {
        if self.young.len() >= self.max_streams / 2 {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
