//! What the master key unlocks: the roots that data keys are wrapped under, and the secret of the tags.

use std::sync::Arc;

use super::error::VaultError;
use super::header::Header;
use super::keeper::KeeperError;
use super::keeper::RootId;
use super::master::MasterKeyError;
use super::options::VaultOptions;
use super::recovery::FirstPage;
use super::root::{RootRecord, Roots, Stage};
use super::secret::Secret;
use super::slot::WrapKey;

/// Held for the life of the vault.
#[derive(Debug)]
pub(super) struct Unlocked {
    pub(super) index_secret: Arc<Secret>,
    /// Of every record that could be unlocked; new keys go under the one that is current.
    pub(super) roots: Vec<Arc<WrapKey>>,
    pub(super) current: u32,
}

impl Unlocked {
    /// The same when this root has come into force, and older ones are used no more.
    pub(super) fn entered(&self, epoch: u32) -> Self {
        let roots = self.roots.iter().filter(|root| root.epoch >= epoch);
        Self {
            index_secret: Arc::clone(&self.index_secret),
            roots: roots.cloned().collect(),
            current: epoch,
        }
    }

    /// The newest root under which a key may have been wrapped: in the middle of a roll it is not yet current.
    pub(super) fn newest_epoch(&self) -> u32 {
        let epochs = self.roots.iter().map(|root| root.epoch);
        epochs.max().unwrap_or(self.current)
    }

    /// Unwraps what the records hold that are needed.
    pub(super) fn open(page: &FirstPage, options: &VaultOptions) -> Result<Self, VaultError> {
        check_keeper(&page.header, options)?;
        let record = current(page).ok_or(VaultError::Damaged {
            path: options.dir().to_owned(),
            what: "no root record is current",
        })?;
        let mut index_secret = None;
        let mut roots: Vec<Arc<WrapKey>> = Vec::new();
        let mut failure = None;
        // The root of an older one may have been destroyed already; nothing is wrapped under it any more.
        let needed = page.roots.iter().flatten();
        for record in needed.filter(|other| other.epoch >= record.epoch) {
            match unwrap(record, &page.header, options) {
                Ok(unwrapped) => {
                    let known = roots.iter().any(|root| root.epoch == record.epoch);
                    if !known {
                        let root = WrapKey::of(&unwrapped.root, record.epoch, page.header.vault);
                        roots.push(Arc::new(root));
                    }
                    index_secret = Some(Arc::new(unwrapped.index_secret));
                }
                Err(error) => failure = Some((record.epoch, error)),
            }
        }
        // Two records of one epoch wrap the same root: either of them will do.
        if let Some((epoch, error)) = failure
            && !roots.iter().any(|root| root.epoch == epoch)
        {
            return Err(error);
        }
        index_secret
            .map(|index_secret| Self {
                index_secret,
                roots,
                current: record.epoch,
            })
            .ok_or(VaultError::WrongMasterKey {
                wanted: record.master,
            })
    }

    /// The root of an epoch, if it is known.
    pub(super) fn root(&self, epoch: u32) -> Option<&WrapKey> {
        let root = self.roots.iter().find(|root| root.epoch == epoch);
        root.map(Arc::as_ref)
    }
}

/// The record whose root new keys go under: the furthest of those in use.
pub(super) fn current(page: &FirstPage) -> Option<&RootRecord> {
    let records = page.roots.iter().flatten();
    records
        .filter(|record| record.stage == Stage::Current)
        .max_by_key(|record| record.epoch)
}

/// The root and the index secret; the root from where it is held.
fn unwrap(
    record: &RootRecord,
    header: &Header,
    options: &VaultOptions,
) -> Result<Roots, VaultError> {
    let mut roots = unwrap_record(record, header, options)?;
    if let Some(keeper) = options.keeper.as_ref().filter(|_| header.is_external) {
        let (vault, epoch) = (header.vault, record.epoch);
        roots.root = Secret::new(*keeper.load(RootId { vault, epoch })?.as_bytes());
    }
    Ok(roots)
}

/// What a record itself holds.
pub(super) fn unwrap_record(
    record: &RootRecord,
    header: &Header,
    options: &VaultOptions,
) -> Result<Roots, VaultError> {
    let wanted = record.master;
    let master = options.masters.by_id(&wanted)?;
    let master = master.ok_or(VaultError::WrongMasterKey { wanted })?;
    let unwrapped = record.unwrap(header.vault, &master);
    unwrapped.map_err(|_| VaultError::Damaged {
        path: options.dir().to_owned(),
        what: "a root record was changed: the master key that it names does not unwrap it",
    })
}

fn check_keeper(header: &Header, options: &VaultOptions) -> Result<(), VaultError> {
    let what = match (header.is_external, &options.keeper) {
        (true, None) => {
            "the key vault's root is held elsewhere; say where: `VaultOptions::root_keeper`"
        }
        (false, Some(_)) => {
            "the key vault was made with its root in it, and cannot be opened with a root keeper"
        }
        _ => return Ok(()),
    };
    Err(VaultError::RootKeeper { what })
}

impl From<MasterKeyError> for VaultError {
    fn from(error: MasterKeyError) -> Self {
        Self::MasterKey {
            what: error.to_string(),
        }
    }
}

impl From<KeeperError> for VaultError {
    fn from(error: KeeperError) -> Self {
        Self::Keeper {
            what: error.to_string(),
        }
    }
}
