//! New data keys: durable in both replicas before anything is sealed under them, and made together for
//! all who ask at the same time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::catalog::Catalog;
use super::error::VaultError;
use super::replicas::Patch;
use super::secret::Secret;
use super::slot::{self, Slot, SlotOwner};
use super::{Change, Found, Inner, Vault, lock, random, sealed_box, write};
use crate::pii::{BoxContext, BoxOwner, Fenced, KeyId, SealBoxes, SealError};

/// Data keys that are ready to seal with. They stay in memory as long as this does.
#[derive(Default)]
pub(crate) struct DataKeys(HashMap<BoxOwner, (KeyId, Arc<Secret>)>);

impl Vault {
    /// The data keys of these owners. New ones are durable in both replicas, with two flushes for all
    /// that were asked for at the same time, by whichever thread.
    pub(crate) fn keys_for(&self, owners: &[BoxOwner]) -> Result<DataKeys, VaultError> {
        let mut keys = DataKeys::default();
        let without = self.0.collect(owners, &mut keys)?;
        if without.is_empty() {
            return Ok(keys);
        }
        self.0.make_keys(&without)?;
        let gone = self.0.collect(owners, &mut keys)?;
        match gone.first() {
            None => Ok(keys),
            Some((owner, _)) => Err(shredded(owner)), // and enrolled again, both just now
        }
    }
}

impl DataKeys {
    /// The ids of all, each with its owner.
    pub(crate) fn ids(&self) -> Vec<(KeyId, BoxOwner)> {
        let ids = self.0.iter();
        ids.map(|(owner, (id, _))| (*id, owner.clone())).collect()
    }
}

impl Inner {
    /// Collects the keys that there are, and gives the owners without one.
    fn collect<'a>(
        &self,
        owners: &'a [BoxOwner],
        keys: &mut DataKeys,
    ) -> Result<Vec<(&'a BoxOwner, SlotOwner)>, VaultError> {
        let mut without = Vec::new();
        for owner in owners {
            let of = self.owner(&owner.subject, owner.purpose);
            let current = {
                let catalog = self.catalog();
                if catalog.is_fenced(of) {
                    return Err(shredded(owner));
                }
                catalog.current(of).map(|entry| entry.key_id)
            };
            let found = match current {
                Some(id) => self.find(&id)?,
                None => Found::Unknown,
            };
            match (current, found) {
                (Some(id), Found::Live(secret)) => {
                    keys.0.insert(owner.clone(), (id, secret));
                }
                _ => without.push((owner, of)),
            }
        }
        Ok(without)
    }

    /// Whoever comes first makes the keys of all who wait behind him.
    fn make_keys(&self, owners: &[(&BoxOwner, SlotOwner)]) -> Result<(), VaultError> {
        let owners = owners.iter().map(|(_, owner)| *owner);
        lock(&self.waiting).extend(owners.clone());
        let mut change = self.change()?;
        let mut wanted = std::mem::take(&mut *lock(&self.waiting));
        wanted.extend(owners); // in vain, unless the one who took them from the queue has failed
        wanted.sort_unstable_by_key(|owner| owner.tag);
        wanted.dedup();
        {
            let catalog = self.catalog();
            wanted.retain(|owner| needs_key(&catalog, *owner));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.add_keys(&mut change, &wanted)
    }

    /// A new key for each of these, whether they have one or not.
    pub(super) fn add_keys(
        &self,
        change: &mut Change<'_>,
        owners: &[SlotOwner],
    ) -> Result<(), VaultError> {
        let (first, seq) = {
            let catalog = self.catalog();
            (catalog.next_index(), catalog.next_seq())
        };
        let unlocked = self.unlocked();
        let root = unlocked
            .root(unlocked.current)
            .ok_or_else(|| VaultError::corrupt(&self.replicas, 0))?;
        let mut slots = Vec::with_capacity(owners.len());
        for ((owner, index), seq) in owners.iter().zip(first..).zip(seq..) {
            let index = u32::try_from(index).map_err(|_| VaultError::Full)?;
            let key_id = KeyId(random::array()?);
            let secret = Arc::new(Secret::generate()?);
            let slot = Slot::live(*owner, (key_id, &secret), seq, index, root)?;
            slots.push((index, slot, secret));
        }
        let patches: Vec<Patch> = slots
            .iter()
            .map(|(index, slot, _)| patch(*index, slot))
            .collect();
        change.checked(self.replicas.write_both(&patches))?;
        let epoch = self.epoch.now()?;
        for (index, slot, secret) in slots {
            write(&self.catalog).put(index, &slot);
            lock(&self.cache).put(slot.key_id, secret, epoch);
        }
        Ok(())
    }
}

fn needs_key(catalog: &Catalog, owner: SlotOwner) -> bool {
    !catalog.is_fenced(owner) && catalog.current(owner).is_none()
}

/// The slot as it is to be written.
pub(super) fn patch(index: u32, slot: &Slot) -> Patch {
    (slot::offset_of(index), slot.to_bytes().to_vec())
}

fn shredded(owner: &BoxOwner) -> VaultError {
    VaultError::SubjectShredded(Fenced::from(owner))
}

impl SealBoxes for DataKeys {
    fn seal(
        &self,
        owner: &BoxOwner,
        context: &BoxContext,
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<KeyId, SealError> {
        let (key_id, secret) = self.0.get(owner).ok_or_else(|| SealError::NoKey {
            subject: owner.subject.clone(),
            purpose: owner.purpose,
        })?;
        sealed_box::seal(*key_id, secret, context, plain, out)
            .map_err(|random::NoRandom(what)| SealError::NoRandom { what })?;
        Ok(*key_id)
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|(owner, (id, _))| (owner, id));
        f.debug_map().entries(ids).finish()
    }
}
