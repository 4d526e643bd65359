//! The keys of an open store, for whoever looks after them: rotation, the ledger, and what is kept in memory.

use uuid::Uuid;

use super::{Custody, ShredError};
use crate::pii::{KeyId, Subject};
use crate::store::Store;
use crate::vault::{Ledger, MasterKeyId, RollProgress, VaultError};

/// The key vault of an open store.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    store: &'a Store,
    custody: &'a Custody,
}

impl Store {
    /// The key vault, to look after its keys.
    pub fn keys(&self) -> Result<Keys<'_>, ShredError> {
        let custody = self.readable()?.custody().ok_or(ShredError::NoVault)?;
        Ok(Keys {
            store: self,
            custody,
        })
    }
}

impl Keys<'_> {
    /// Which vault it is; copies of it are the same.
    pub fn vault_id(self) -> Uuid {
        self.custody.vault.vault_id()
    }

    /// Wraps the root key under the master key that the provider calls current now, whatever the vault holds: one
    /// record is written, no event and no data key is touched. Gives the id of that master key.
    ///
    /// If the old master key has leaked, this is not enough: also [roll the root](Self::roll_root).
    pub fn rotate_master_key(self) -> Result<MasterKeyId, VaultError> {
        self.custody.vault.rotate_master_key()
    }

    /// Seals what comes from now on for this person and purpose under a new data key. What is there stays under
    /// the old one, and a shred destroys both. Gives the new key's id.
    pub fn rotate_data_key(self, subject: &Subject, purpose: &str) -> Result<KeyId, VaultError> {
        self.custody.vault.rotate_data_key(subject, purpose)
    }

    /// Replaces the root key and wraps every data key anew, so that copies of the vault's files that were made
    /// before are useless. It needs a `RootKeeper`: an old root that lies in the same file
    /// would be in those copies. A roll that was interrupted is finished first, with progress of its own. Gives the new
    /// root's epoch.
    pub fn roll_root(self, mut progress: impl FnMut(RollProgress)) -> Result<u32, VaultError> {
        self.custody.vault.roll_root(&mut progress)
    }

    /// Forgets the data keys that this process has in memory; they are read again when they are needed.
    pub fn forget_cached(self) {
        self.custody.vault.forget_cached();
    }

    /// Which keys are destroyed: to be kept beside backups of the log, and of the vault if there are any.
    pub fn ledger(self) -> Result<Ledger, VaultError> {
        self.custody.vault.ledger()
    }

    /// Destroys again what a ledger says is destroyed, in a store and vault that were both put back from before.
    /// Gives how many keys that were.
    pub async fn apply_ledger(self, ledger: &Ledger) -> Result<usize, ShredError> {
        let erased = self
            .custody
            .vault
            .apply_ledger(ledger)
            .map_err(ShredError::Vault)?;
        self.store.record_shreds().await?;
        self.custody
            .vault
            .roll_if_owed()
            .map_err(ShredError::Vault)?;
        Ok(erased)
    }
}
