//! Other keys in the place of keys: a master key, the data key of a person, the root.
//!
//! Root records move in three steps, each durable in both replicas before the next: the new one is written
//! beside the old one as `Next`; it becomes `Current`; the old one is overwritten with zeros. Whatever was
//! interrupted goes on from where it was: when the vault is opened, or when it is asked for again.

use super::disk::Replica;
use super::error::VaultError;
use super::header::SECTOR;
use super::recovery::{self, FirstPage, ROOT_AT};
use super::replicas::Patch;
use super::root::{RootRecord, Roots, Stage};
use super::secret::Secret;
use super::slot::{PAGE, SLOT, Slot, State};
use super::unlocked::{self, Unlocked};
use super::{Arc, Change, Inner, MasterKeyId, RootId, Vault, creation, missing, write};
use crate::pii::{Fenced, KeyId, Subject};

/// So many slots are wrapped anew between two reports of progress.
const BATCH: usize = 4096;

/// How far a root roll has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RollProgress {
    /// Data keys that are wrapped under the new root, durably.
    pub done: u64,
    /// Data keys in all.
    pub of: u64,
}

impl Vault {
    /// Whether the root is held elsewhere, so that rolling it makes older copies of the vault worthless.
    pub(crate) fn has_external_root(&self) -> bool {
        self.0.options.keeper.is_some()
    }

    /// Rolls the root if it is held elsewhere and keys were erased since it came into force, and finishes a roll
    /// whose old root is not destroyed: what a shred is
    /// to do last, and a crash may have kept it from.
    pub(crate) fn roll_if_owed(&self) -> Result<(), VaultError> {
        if !self.has_external_root() {
            return Ok(());
        }
        let mut change = self.0.change()?;
        self.0.finish_roll(&mut change, &mut |_| {})?;
        let root_epoch = self.0.unlocked().current;
        let is_owed = self.0.catalog().has_erased_under(root_epoch);
        if is_owed {
            self.0.roll(&mut change, &mut |_| {})?;
        }
        Ok(())
    }

    /// Wraps the root by the master key that is current now, which may take the old one's place from then
    /// on. No data key and no box is touched. Gives the id of the master key.
    ///
    /// The old master key still unwraps an old copy of the vault: if it has leaked, roll the root too.
    pub(crate) fn rotate_master_key(&self) -> Result<MasterKeyId, VaultError> {
        let mut change = self.0.change()?;
        self.0.rotate_master_key(&mut change)
    }

    /// Gives an owner a new data key for the boxes to come. The old one stays for the boxes there are, and
    /// is shredded together with the new one.
    pub(crate) fn rotate_data_key(
        &self,
        subject: &Subject,
        purpose: &str,
    ) -> Result<KeyId, VaultError> {
        let owner = self.0.owner(subject, purpose);
        let mut change = self.0.change()?;
        let is_current = {
            let catalog = self.0.catalog();
            if catalog.is_fenced(owner) {
                return Err(VaultError::SubjectShredded(Fenced {
                    subject: subject.clone(),
                    purpose: purpose.to_owned(),
                }));
            }
            catalog.current(owner).is_some()
        };
        let unknown = || VaultError::UnknownSubject {
            subject: subject.clone(),
        };
        if !is_current {
            return Err(unknown());
        }
        self.0.add_keys(&mut change, &[owner])?;
        let catalog = self.0.catalog();
        let entry = catalog.current(owner);
        entry.map(|entry| entry.key_id).ok_or_else(unknown)
    }

    /// Wraps all data keys under a new root, and destroys the old one. With the root held elsewhere, every
    /// older copy of the vault is worthless from then on.
    ///
    /// One that was interrupted is finished first. No key is made or shredded meanwhile.
    pub(crate) fn roll_root(
        &self,
        progress: &mut dyn FnMut(RollProgress),
    ) -> Result<u32, VaultError> {
        let mut change = self.0.change()?;
        // A roll that was begun before may be older than what this one is for: a copy that was made since
        // has keys under its new root.
        self.0.finish_roll(&mut change, progress)?;
        self.0.roll(&mut change, progress)
    }
}

impl Inner {
    fn rotate_master_key(&self, change: &mut Change<'_>) -> Result<MasterKeyId, VaultError> {
        self.finish_roll(change, &mut |_| {})?;
        self.finish_rotation(change)?;
        let page = self.first_page()?;
        let (at, record) = placed(&page, Stage::Current).ok_or_else(|| self.no_root())?;
        let master = self.options.masters.current()?;
        if record.master == master.id() {
            return Ok(master.id());
        }
        // The root itself stays where it is; what is wrapped is what the record holds of it.
        let roots = unlocked::unwrap_record(record, &page.header, &self.options)?;
        let (epoch, vault) = (record.epoch, page.header.vault);
        let next = RootRecord::wrap(Stage::Next, epoch, vault, &master, &roots)?;
        let beside = 1 - at;
        self.put_record(change, beside, Some(&next))?;
        self.put_record(change, beside, Some(&next.at(Stage::Current)))?;
        self.put_record(change, at, None)?;
        Ok(master.id())
    }

    /// Two records of one epoch wrap the same root: keeps the one that the current master key unwraps,
    /// or else the one that a known one does.
    pub(super) fn finish_rotation(&self, change: &mut Change<'_>) -> Result<(), VaultError> {
        let page = self.first_page()?;
        let [Some(a), Some(b)] = &page.roots else {
            return Ok(());
        };
        if a.epoch != b.epoch {
            return Ok(());
        }
        let wanted = self.options.masters.current()?.id();
        let opens = |record: &RootRecord| {
            unlocked::unwrap_record(record, &page.header, &self.options).is_ok()
        };
        let keeps_b = opens(b) && (b.master == wanted || !opens(a));
        let (kept, other) = if keeps_b { (1, 0) } else { (0, 1) };
        let record = if keeps_b { b } else { a };
        if record.stage == Stage::Next {
            self.put_record(change, kept, Some(&record.clone().at(Stage::Current)))?;
        }
        self.put_record(change, other, None)
    }

    /// A whole roll, where none is under way. Gives the new root's epoch.
    fn roll(
        &self,
        change: &mut Change<'_>,
        progress: &mut dyn FnMut(RollProgress),
    ) -> Result<u32, VaultError> {
        self.begin_roll(change)?;
        let rolled = self.finish_roll(change, progress)?;
        Ok(rolled.unwrap_or_default())
    }

    /// A new root beside the one in use.
    fn begin_roll(&self, change: &mut Change<'_>) -> Result<(), VaultError> {
        self.finish_rotation(change)?;
        let page = self.first_page()?;
        let (at, record) = placed(&page, Stage::Current).ok_or_else(|| self.no_root())?;
        let epoch = record.epoch.checked_add(1).ok_or(VaultError::Full)?;
        let known = unlocked::unwrap_record(record, &page.header, &self.options)?;
        let root = match &self.options.keeper {
            Some(keeper) => {
                let vault = page.header.vault;
                keeper.create(RootId { vault, epoch })?;
                Secret::empty()
            }
            None => Secret::generate()?,
        };
        let roots = Roots {
            root,
            index_secret: known.index_secret,
        };
        let master = self.options.masters.current()?;
        let next = RootRecord::wrap(Stage::Next, epoch, page.header.vault, &master, &roots)?;
        self.put_record(change, 1 - at, Some(&next))
    }

    /// Finishes a roll that was begun, from wherever it is; `None` if there is none.
    pub(super) fn finish_roll(
        &self,
        change: &mut Change<'_>,
        progress: &mut dyn FnMut(RollProgress),
    ) -> Result<Option<u32>, VaultError> {
        let page = self.first_page()?;
        let [Some(a), Some(b)] = &page.roots else {
            return Ok(None);
        };
        if a.epoch == b.epoch {
            return Ok(None);
        }
        let (old, new) = if a.epoch < b.epoch { (0, 1) } else { (1, 0) };
        let [old_record, new_record] = if old == 0 { [a, b] } else { [b, a] };
        self.unlock(&page)?;
        // Also where that was done before: no root is destroyed under which a key lies.
        self.rewrap(change, new_record.epoch, progress)?;
        if new_record.stage == Stage::Next {
            self.put_record(change, new, Some(&new_record.clone().at(Stage::Current)))?;
        }
        // What is made from here on goes under the new root, whatever becomes of the old one.
        self.enter(new_record.epoch);
        if let Some(keeper) = &self.options.keeper {
            let (vault, epoch) = (page.header.vault, old_record.epoch);
            keeper.destroy(RootId { vault, epoch })?;
        }
        self.put_record(change, old, None)?;
        Ok(Some(new_record.epoch))
    }

    /// Nobody is asked for a root that is known: a keeper may be away at this moment, and the old root must not be
    /// used any more.
    fn enter(&self, epoch: u32) {
        let entered = self.unlocked().entered(epoch);
        *write(&self.unlocked) = Arc::new(entered);
    }

    fn unlock(&self, page: &FirstPage) -> Result<(), VaultError> {
        let unlocked = Unlocked::open(page, &self.options)?;
        *write(&self.unlocked) = Arc::new(unlocked);
        Ok(())
    }

    /// Wraps every live key under the root of this epoch, in `A`, then in `B`, some at a time.
    fn rewrap(
        &self,
        change: &mut Change<'_>,
        epoch: u32,
        progress: &mut dyn FnMut(RollProgress),
    ) -> Result<(), VaultError> {
        let unlocked = self.unlocked();
        let live: Vec<u32> = {
            let catalog = self.catalog();
            let live = catalog.entries().filter(|entry| entry.state == State::Live);
            live.map(|entry| entry.index).collect()
        };
        let of = live.len() as u64;
        let mut done = 0;
        for batch in live.chunks(BATCH) {
            let patches: Vec<Patch> = batch
                .iter()
                .filter_map(|index| self.rewrapped(*index, epoch, &unlocked).transpose())
                .collect::<Result<_, _>>()?;
            if !patches.is_empty() {
                change.checked(self.replicas.write_both(&patches))?;
            }
            done += batch.len() as u64;
            progress(RollProgress { done, of });
        }
        Ok(())
    }

    /// A slot with its key wrapped anew; `None` if that was done before.
    fn rewrapped(
        &self,
        index: u32,
        epoch: u32,
        unlocked: &Unlocked,
    ) -> Result<Option<Patch>, VaultError> {
        let corrupt = || VaultError::corrupt(&self.replicas, index);
        let slot = self.read_slot(index)?.ok_or_else(corrupt)?;
        if slot.root_epoch == epoch {
            return Ok(None);
        }
        let root = |epoch| unlocked.root(epoch).ok_or_else(corrupt);
        let key = slot.unwrap_key(index, root(slot.root_epoch)?);
        let key = key.map_err(|_| corrupt())?;
        let slot: Slot = slot.with_key(&key, index, root(epoch)?)?;
        Ok(Some(creation::patch(index, &slot)))
    }

    fn put_record(
        &self,
        change: &mut Change<'_>,
        which: usize,
        record: Option<&RootRecord>,
    ) -> Result<(), VaultError> {
        let bytes = record.map_or([0; SECTOR], RootRecord::to_bytes);
        let at = ROOT_AT.get(which).copied().unwrap_or_default();
        change.checked(self.replicas.write_both(&[(at, bytes.to_vec())]))
    }

    fn first_page(&self) -> Result<FirstPage, VaultError> {
        recovery::first_page(&self.replicas)?.ok_or_else(|| missing(&self.replicas))
    }

    fn no_root(&self) -> VaultError {
        VaultError::Damaged {
            path: self.replicas.path(Replica::A).to_owned(),
            what: "no root record is current",
        }
    }
}

/// The record of this stage, and which of the two it is.
fn placed(page: &FirstPage, stage: Stage) -> Option<(usize, &RootRecord)> {
    let records = page.roots.iter().enumerate();
    let records = records.filter_map(|(at, record)| Some((at, record.as_ref()?)));
    records
        .filter(|(_, record)| record.stage == stage)
        .max_by_key(|(_, record)| record.epoch)
}

const _: () = assert!(PAGE.is_multiple_of(SLOT as u64));
