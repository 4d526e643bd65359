//! The key vault of an open store, and what the log says of shredded subjects.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::codec::{Owners, Writing};
use crate::pii::{BoxOwner, Fenced, KeptContext, KeyId, OpenBoxes, SealBoxes, Subject};
use crate::store::Store;
use crate::store::append::AppendError;
use crate::vault::{DataKeys, KeyState, Vault, VaultError};

use super::Shreds;

/// Keys for what is kept beside the log, where it is no mistake that somebody was shredded.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    keys: Option<DataKeys>,
    gone: Vec<BoxOwner>,
}

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

    /// The data keys of these owners, and who of them was shredded.
    pub(crate) fn keys_to_keep(&self, owners: &Owners) -> Result<Ready, AppendError> {
        let mut ready = Ready::default();
        if owners.as_slice().is_empty() {
            return Ok(ready);
        }
        let Some(custody) = self.readable()?.custody() else {
            return Ok(ready);
        };
        let mut there = owners.as_slice().to_vec();
        while !there.is_empty() {
            match custody.data_keys(&there) {
                Ok(keys) => {
                    ready.keys = Some(keys);
                    break;
                }
                Err(AppendError::SubjectShredded(fenced)) => {
                    let is_gone = |owner: &mut BoxOwner| Fenced::from(&*owner) == fenced;
                    let before = ready.gone.len();
                    ready.gone.extend(there.extract_if(.., is_gone));
                    if ready.gone.len() == before {
                        return Err(fenced.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ready)
    }
}

impl Ready {
    /// Writes a value in this place with these keys.
    pub(crate) fn writing<'a>(
        &'a self,
        own: Option<&'a Subject>,
        context: KeptContext<'a>,
    ) -> Writing<'a> {
        let keys = self.keys.as_ref().map(|keys| keys as &dyn SealBoxes);
        Writing::new(own, keys, &self.gone, context)
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
