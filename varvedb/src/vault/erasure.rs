//! Shredding: a data key's slot is overwritten by its tombstone, in one replica, then in the other.

use super::catalog::{Catalog, Entry};
use super::creation::patch;
use super::disk::Replica;
use super::error::VaultError;
use super::media::{Media, MediaProbe};
use super::replicas::Patch;
use super::slot::{NO_KEY, SLOT, Slot, SlotOwner, State};
use super::{Change, Inner, Vault, lock, write};
use crate::pii::{KeyId, Subject};

/// What an erasure came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "which keys, and how many of them now"
)]
pub(crate) struct Erased {
    /// All keys of the subject, or of its purpose, that are erased now.
    pub(crate) keys: Vec<KeyId>,
    /// How many this call has erased.
    pub(crate) keys_erased: usize,
    /// In how many replicas.
    pub(crate) replicas: u8,
    /// What was seen of the media while they were overwritten.
    pub(crate) media: Media,
}

/// What is left of an erased key, or stands where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// The key; `None` if there was none when the subject was shredded.
    pub(crate) key: Option<KeyId>,
    /// Whose it was, where the name was short enough to be written there.
    pub(crate) subject: Option<Subject>,
    /// What for, likewise; `None` also if all of the subject was shredded: `is_whole` tells.
    pub(crate) purpose: Option<String>,
    /// When, in changes of the vault.
    pub(crate) seq: u64,
    /// Whether all of the subject was shredded.
    pub(crate) is_whole: bool,
}

impl Vault {
    /// Erases the keys of a subject, or of one of its purposes: when it returns, in both replicas, and
    /// for all processes. Asked again it erases nothing, and says what was erased then.
    pub(crate) fn erase(
        &self,
        subject: &Subject,
        purpose: Option<&str>,
    ) -> Result<Erased, VaultError> {
        let target = self.0.target(subject, purpose);
        let mut change = self.0.change()?;
        let (live, is_fenced) = {
            let catalog = self.0.catalog();
            if !catalog.knows(target.owner, target.is_whole()) {
                let subject = subject.clone();
                return Err(VaultError::UnknownSubject { subject });
            }
            let live: Vec<_> = target.live(&catalog).copied().collect();
            (live, target.is_fenced(&catalog))
        };
        let mut graves: Vec<Grave> = live.iter().map(Grave::of).collect();
        if graves.is_empty() && !is_fenced {
            graves.push(self.0.fence(target.owner)?);
        }
        let media = self.0.bury(&mut change, &target, &graves)?;
        Ok(self.0.erased(&target, live.len(), media))
    }

    /// Erases what an erasure whose last tombstone is `last` has left: keys that are older than it. Those of
    /// who was enrolled again since were never meant.
    pub(crate) fn finish_erasure(
        &self,
        subject: &Subject,
        purpose: Option<&str>,
        last: u64,
    ) -> Result<Erased, VaultError> {
        let target = self.0.target(subject, purpose);
        let mut change = self.0.change()?;
        let graves: Vec<Grave> = {
            let catalog = self.0.catalog();
            let left = target.live(&catalog).filter(|entry| entry.seq < last);
            left.map(Grave::of).collect()
        };
        let media = self.0.bury(&mut change, &target, &graves)?;
        Ok(self.0.erased(&target, graves.len(), media))
    }

    /// Erases keys that are known to have been shredded: those that live, and those that this vault, which
    /// is an older copy then, knows nothing of. Gives how many were not erased before.
    pub(crate) fn erase_keys(
        &self,
        subject: &Subject,
        purpose: Option<&str>,
        keys: &[KeyId],
    ) -> Result<usize, VaultError> {
        let target = self.0.target(subject, purpose);
        let mut change = self.0.change()?;
        let graves = self.0.graves_of(keys, target.owner)?;
        self.0.bury(&mut change, &target, &graves)?;
        Ok(graves.len())
    }

    /// Lets a subject, or one of its purposes, have no new key, as whoever shredded it has meant. Its keys stay
    /// as they are. Says whether that was not so before.
    pub(crate) fn fence(
        &self,
        subject: &Subject,
        purpose: Option<&str>,
    ) -> Result<bool, VaultError> {
        let target = self.0.target(subject, purpose);
        let mut change = self.0.change()?;
        if self.0.catalog().is_fenced(target.owner) {
            return Ok(false);
        }
        let grave = self.0.fence(target.owner)?;
        self.0.bury(&mut change, &target, &[grave])?;
        Ok(true)
    }

    /// How often a subject was enrolled again, for whatever purpose.
    pub(crate) fn enrolments(&self, subject: &Subject) -> usize {
        let owner = self.0.owner(subject, "");
        self.0.catalog().enrolments(owner.subject_tag)
    }

    /// All tombstones, in the order of their slots.
    pub(crate) fn tombstones(&self) -> Result<Vec<Tombstone>, VaultError> {
        let entries: Vec<_> = {
            let catalog = self.0.catalog();
            let erased = catalog
                .entries()
                .filter(|entry| entry.state == State::Erased);
            erased.copied().collect()
        };
        entries
            .iter()
            .map(|entry| self.0.tombstone(entry))
            .collect()
    }

    /// Allows new keys for a subject that was shredded, or for one of its purposes. What was shredded
    /// stays so.
    pub(crate) fn reenroll(
        &self,
        subject: &Subject,
        purpose: Option<&str>,
    ) -> Result<(), VaultError> {
        let target = self.0.target(subject, purpose);
        let mut change = self.0.change()?;
        let (index, seq) = {
            let catalog = self.0.catalog();
            if !catalog.knows(target.owner, target.is_whole()) {
                let subject = subject.clone();
                return Err(VaultError::UnknownSubject { subject });
            }
            if !target.has_fence(&catalog) {
                return Ok(());
            }
            (catalog.next_index(), catalog.next_seq())
        };
        let index = u32::try_from(index).map_err(|_| VaultError::Full)?;
        let slot = Slot::enrolment(target.owner, seq, target.is_whole());
        change.checked(self.0.replicas.write_both(&[patch(index, &slot)]))?;
        write(&self.0.catalog).put(index, &slot);
        Ok(())
    }
}

/// Whose keys are meant.
struct Target<'a> {
    owner: SlotOwner,
    subject: &'a Subject,
    purpose: Option<&'a str>,
}

/// Where a tombstone goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grave {
    pub(super) index: u32,
    pub(super) owner: SlotOwner,
    pub(super) key_id: KeyId,
}

impl Target<'_> {
    fn is_whole(&self) -> bool {
        self.purpose.is_none()
    }

    fn is_meant(&self, entry: &Entry) -> bool {
        self.is_whole() || entry.owner.tag == self.owner.tag
    }

    fn live<'c>(&self, catalog: &'c Catalog) -> impl Iterator<Item = &'c Entry> {
        let entries = catalog.of_subject(self.owner.subject_tag);
        entries.filter(|entry| entry.state == State::Live && self.is_meant(entry))
    }

    fn erased(&self, catalog: &Catalog) -> Vec<KeyId> {
        let entries = catalog.of_subject(self.owner.subject_tag);
        let erased = entries.filter(|entry| entry.state == State::Erased && self.is_meant(entry));
        let keys = erased.map(|entry| entry.key_id);
        keys.filter(|key| *key != NO_KEY).collect()
    }

    /// Whether nobody who is meant can get a key.
    fn is_fenced(&self, catalog: &Catalog) -> bool {
        if self.is_whole() {
            catalog.is_fenced_whole(self.owner.subject_tag)
        } else {
            catalog.is_fenced(self.owner)
        }
    }

    /// Whether somebody who is meant cannot get a key.
    fn has_fence(&self, catalog: &Catalog) -> bool {
        if self.is_whole() {
            catalog.has_fence(self.owner.subject_tag)
        } else {
            catalog.is_fenced(self.owner)
        }
    }
}

impl Grave {
    fn of(entry: &Entry) -> Self {
        Self {
            index: entry.index,
            owner: entry.owner,
            key_id: entry.key_id,
        }
    }
}

impl Inner {
    fn target<'a>(&self, subject: &'a Subject, purpose: Option<&'a str>) -> Target<'a> {
        Target {
            owner: self.owner(subject, purpose.unwrap_or_default()),
            subject,
            purpose,
        }
    }

    fn erased(&self, target: &Target<'_>, keys_erased: usize, media: Media) -> Erased {
        Erased {
            keys: target.erased(&self.catalog()),
            keys_erased,
            replicas: 2,
            media,
        }
    }

    /// A grave without a key, in a slot of its own.
    fn fence(&self, owner: SlotOwner) -> Result<Grave, VaultError> {
        let index = self.catalog().next_index();
        Ok(Grave {
            index: u32::try_from(index).map_err(|_| VaultError::Full)?,
            owner,
            key_id: NO_KEY,
        })
    }

    /// Where the tombstones of these keys go, but for those that have one.
    fn graves_of(&self, keys: &[KeyId], owner: SlotOwner) -> Result<Vec<Grave>, VaultError> {
        let catalog = self.catalog();
        let mut next = catalog.next_index();
        let mut graves: Vec<Grave> = Vec::new();
        for key in keys {
            let is_there = graves.iter().any(|grave| grave.key_id == *key);
            match catalog.by_key(key) {
                Some(entry) if entry.state == State::Live && !is_there => {
                    graves.push(Grave::of(entry));
                }
                None if !is_there && *key != NO_KEY => {
                    graves.push(Grave {
                        index: u32::try_from(next).map_err(|_| VaultError::Full)?,
                        owner,
                        key_id: *key,
                    });
                    next += 1;
                }
                _ => {}
            }
        }
        Ok(graves)
    }

    /// Overwrites the slots. Once `A` is synced there is no way back.
    fn bury(
        &self,
        change: &mut Change<'_>,
        target: &Target<'_>,
        graves: &[Grave],
    ) -> Result<Media, VaultError> {
        let seq = self.catalog().next_seq();
        let name = (Some(target.subject), target.purpose);
        let stones = graves.iter().zip(seq..).map(|(grave, seq)| {
            let stone = Slot::tombstone(grave.owner, grave.key_id, seq, name, target.is_whole());
            (grave.index, stone)
        });
        self.lay(change, &stones.collect::<Vec<_>>())
    }

    /// Lays tombstones, and tells all processes. Tells them also if there is nothing to lay, since an
    /// earlier call may have failed to.
    pub(super) fn lay(
        &self,
        change: &mut Change<'_>,
        stones: &[(u32, Slot)],
    ) -> Result<Media, VaultError> {
        let root_epoch = self.unlocked().newest_epoch();
        let stones = stones.iter().map(|(index, stone)| {
            let stone = stone.clone().buried_under(root_epoch);
            (*index, stone)
        });
        let stones: Vec<_> = stones.collect();
        let patches: Vec<Patch> = stones
            .iter()
            .map(|(index, stone)| patch(*index, stone))
            .collect();
        let media = if patches.is_empty() {
            self.media
        } else {
            let in_a = change.checked(self.overwrite(Replica::A, &patches))?;
            for (index, stone) in &stones {
                write(&self.catalog).put(*index, stone);
            }
            let in_b = change.checked(self.overwrite(Replica::B, &patches));
            // Whatever came of `B`: the keys are gone, and nobody may go on using them.
            self.tell()?;
            in_a.lesser(in_b?)
        };
        self.tell()?;
        Ok(media)
    }

    /// Writes to one replica, and sees where it was written.
    fn overwrite(&self, at: Replica, patches: &[Patch]) -> Result<Media, super::StorageError> {
        let probes: Vec<Option<MediaProbe>> = patches
            .iter()
            .map(|(offset, _)| self.replicas.probe(at, *offset, SLOT as u64))
            .collect();
        self.replicas.write_one(at, patches)?;
        let media = probes
            .into_iter()
            .map(|probe| probe.map_or(Media::Unknown, |probe| self.replicas.probed(at, probe)));
        Ok(media.fold(Media::InPlaceVerified, Media::lesser))
    }

    fn tell(&self) -> Result<(), VaultError> {
        let told = self.epoch.advance();
        lock(&self.cache).enter(self.epoch.now()?);
        Ok(told?)
    }

    fn tombstone(&self, entry: &Entry) -> Result<Tombstone, VaultError> {
        let slot = self.read_slot(entry.index)?;
        let inscription = slot.as_ref().map(Slot::inscription);
        let inscription = inscription.unwrap_or_default();
        Ok(Tombstone {
            key: (entry.key_id != NO_KEY).then_some(entry.key_id),
            subject: inscription.subject,
            purpose: inscription.purpose,
            seq: entry.seq,
            is_whole: entry.is_whole,
        })
    }
}
