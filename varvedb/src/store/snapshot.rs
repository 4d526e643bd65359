//! Snapshots of streams: looked up beside the log, and handed to the folder.

use super::Store;
use crate::error::StorageError;
use crate::index::{SnapshotRow, StateSnapshot};
use crate::stream::StreamId;

impl Store {
    /// Shows the newest snapshot of a stream to `see`, whatever it is worth; `None` if there is none.
    pub(crate) fn snapshot<T>(
        &self,
        stream: &StreamId,
        see: impl FnOnce(SnapshotRow<'_>) -> T,
    ) -> Result<Option<T>, StorageError> {
        let shared = self.readable()?;
        let category = shared.names().category_id(stream.category().as_str());
        let Some((category, _)) = category else {
            return Ok(None);
        };
        shared.index.snapshot(category, stream.key().as_ref(), see)
    }

    /// Hands a snapshot to the folder, without waiting for it. A snapshot is disposable: a store that
    /// only reads drops it, and so does one that has too many to write.
    pub(crate) fn offer_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &StateSnapshot<'_>,
    ) -> Result<bool, StorageError> {
        let shared = self.readable()?;
        let category = shared.names().category_id(stream.category().as_str());
        match category {
            Some((category, _)) if !self.is_read_only() => {
                let key = stream.key().as_ref();
                let is_kept = shared.index.offer_snapshot(category, key, snapshot)?;
                self.clear_if_shredded(snapshot.owners)?;
                Ok(is_kept)
            }
            _ => Ok(false),
        }
    }
}
