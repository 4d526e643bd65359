//! A vault in a directory of its own, and persons to keep data of.

use std::path::PathBuf;

use tempfile::TempDir;
use uuid::Uuid;

use crate::pii::{BoxContext, BoxKind, BoxOwner, OpenBoxes, Pii, PiiError, SealBoxes, Subject};
use crate::vault::{KeyState, MasterKey, Vault, VaultError, VaultOptions};

pub(super) const STORE: Uuid = Uuid::from_u128(7);
pub(super) const GENERAL: &str = "general";
pub(super) const BILLING: &str = "billing";

/// Two directories: of a store, and of its vault.
pub(super) struct Place {
    root: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        Self { root }
    }

    pub(super) fn store(&self) -> PathBuf {
        self.root.path().join("bank.varve")
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    pub(super) fn options(&self) -> VaultOptions {
        VaultOptions::new(self.dir(), master(1))
    }

    pub(super) fn open(&self) -> Vault {
        self.open_with(&self.options()).unwrap()
    }

    pub(super) fn open_with(&self, options: &VaultOptions) -> Result<Vault, VaultError> {
        Vault::open(options, STORE, &self.store(), true)
    }

    pub(super) fn read(&self) -> Vault {
        Vault::open_read_only(&self.options(), STORE, &self.store()).unwrap()
    }
}

pub(super) fn master(seed: u8) -> MasterKey {
    MasterKey::new([seed; 32])
}

pub(super) fn person(number: u64) -> Subject {
    Subject::new("person", number).unwrap()
}

pub(super) fn owner(number: u64, purpose: &'static str) -> BoxOwner {
    let subject = person(number);
    BoxOwner { subject, purpose }
}

pub(super) fn context() -> BoxContext {
    BoxContext {
        kind: BoxKind::Event,
        id: Uuid::from_u128(99),
        type_hash: 12,
        revision: 1,
        number: 0,
    }
}

/// Seals the person's name for the purpose.
pub(super) fn seal(vault: &Vault, number: u64, purpose: &'static str) -> Vec<u8> {
    let owner = owner(number, purpose);
    let keys = vault.keys_for(std::slice::from_ref(&owner)).unwrap();
    let mut sealed = Vec::new();
    let name = format!("{purpose} of {number}");
    keys.seal(&owner, &context(), name.as_bytes(), &mut sealed)
        .unwrap();
    sealed
}

/// What is in a box, as text; `None` if it was shredded.
pub(super) fn open(vault: &Vault, sealed: &[u8]) -> Result<Option<String>, PiiError> {
    let opened = vault.open(sealed, &context())?;
    Ok(match opened {
        Pii::Known(plain) => Some(String::from_utf8(plain.bytes().to_vec()).unwrap()),
        Pii::Shredded => None,
    })
}

pub(super) fn live_keys(vault: &Vault, number: u64) -> usize {
    let keys = vault.subject_keys(&person(number));
    keys.iter()
        .filter(|(_, state)| *state == KeyState::Live)
        .count()
}
