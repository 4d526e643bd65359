//! What is sealed under a key that is gone is taken out of snapshots and rows: it can be read no more, and need
//! not lie there.

use crate::codec::without_boxes;
use crate::error::StorageError;
use crate::index::Cleared;
use crate::pii::KeyId;
use crate::store::Store;
use crate::vault::KeyState;

impl Store {
    /// Clears snapshots and rows of the boxes under these keys.
    pub(super) fn clear_boxes(&self, keys: &[KeyId]) -> Result<Cleared, StorageError> {
        let cleared = self.readable()?.index.clear_boxes(keys, &without_boxes)?;
        tracing::trace!(?cleared, "cleared snapshots and rows");
        Ok(cleared)
    }

    /// The same, under those of these keys that are gone: for what was sealed before a shred, and comes to be
    /// kept after it.
    pub(in crate::store) fn clear_if_shredded(&self, keys: &[KeyId]) -> Result<(), StorageError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(());
        };
        let mut gone = keys.to_vec();
        gone.retain(|key| custody.vault.key_state(key) == KeyState::Erased);
        if !gone.is_empty() {
            self.clear_boxes(&gone)?;
        }
        Ok(())
    }
}
