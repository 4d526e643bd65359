//! What is sealed under a key that is gone is taken out of snapshots and rows: it can be read no more, and need
//! not lie there.

use crate::codec::without_boxes;
use crate::error::StorageError;
use crate::index::Cleared;
use crate::pii::KeyId;
use crate::store::Store;

impl Store {
    /// Clears snapshots and rows of the boxes under these keys.
    pub(super) fn clear_boxes(&self, keys: &[KeyId]) -> Result<Cleared, StorageError> {
        let cleared = self.readable()?.index.clear_boxes(keys, &without_boxes)?;
        tracing::trace!(?cleared, "cleared snapshots and rows");
        Ok(cleared)
    }
}
