//! The key vault of an open store, and what the log says of shredded subjects.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::codec::Owners;
use crate::pii::{BoxOwner, Fenced, KeyId, OpenBoxes};
use crate::store::Store;
use crate::store::append::AppendError;
use crate::vault::{DataKeys, KeyState, Vault, VaultError};

use super::Shreds;

impl Store {
    /// The data keys of these owners, made where there are none; `None` without owners, and without a vault.
    pub(crate) fn data_keys(&self, owners: &Owners) -> Result<Option<DataKeys>, AppendError> {
        match self.readable()?.custody() {
            Some(custody) if !owners.as_slice().is_empty() => {
                custody.data_keys(owners.as_slice()).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// What keeps the keys of a store.
#[derive(Debug)]
pub(crate) struct Custody {
    pub(crate) vault: Vault,
    boxes: Arc<dyn OpenBoxes>,
    shreds: Mutex<Shreds>,
}

impl Custody {
    pub(crate) fn new(vault: Vault) -> Self {
        Self {
            boxes: Arc::new(vault.clone()),
            vault,
            shreds: Mutex::default(),
        }
    }

    /// What opens the boxes of what is read.
    pub(crate) fn boxes(&self) -> &Arc<dyn OpenBoxes> {
        &self.boxes
    }

    /// What the log says of shreds, as far as it was read. Nothing panics under this lock.
    pub(crate) fn shreds(&self) -> MutexGuard<'_, Shreds> {
        self.shreds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The data keys of these owners, made where there are none.
    pub(crate) fn data_keys(&self, owners: &[BoxOwner]) -> Result<DataKeys, AppendError> {
        self.vault.keys_for(owners).map_err(|error| match error {
            VaultError::SubjectShredded(fenced) => fenced.into(),
            other => other.into(),
        })
    }

    /// Refuses what was sealed under a key that is gone by now: nobody could ever open it.
    pub(crate) fn check_live(&self, keys: &[(KeyId, BoxOwner)]) -> Result<(), AppendError> {
        let dead = |(key, _): &&(KeyId, BoxOwner)| self.vault.key_state(key) != KeyState::Live;
        match keys.iter().find(dead) {
            Some((_, owner)) => Err(Fenced::from(owner).into()),
            None => Ok(()),
        }
    }
}
