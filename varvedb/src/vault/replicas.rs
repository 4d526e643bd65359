//! Both replicas together: what is written goes to `A`, is synced, then to `B`, and is synced.
//!
//! That order is what the vault stands on: at any moment one of the replicas is whole, so that a torn
//! sector, which takes its neighbours with it, can be mended from the other.

use std::path::{Path, PathBuf};

use super::disk::{Disk, Replica};
use super::error::VaultError;
use super::media::{Media, MediaProbe};
use super::slot::{self, PAGE, Reading, SLOT, Slot};
use crate::error::StorageError;

/// Bytes that are to lie at an offset.
pub(super) type Patch = (u64, Vec<u8>);

#[derive(Debug)]
pub(super) struct Replicas {
    disk: Box<dyn Disk>,
    paths: [PathBuf; 2],
    /// Files grow by so many bytes, so that few slots ask for new blocks.
    growth: u64,
}

impl Replicas {
    pub(super) fn new(disk: Box<dyn Disk>, paths: [PathBuf; 2], growth: u64) -> Self {
        Self {
            disk,
            paths,
            growth,
        }
    }

    pub(super) fn path(&self, at: Replica) -> &Path {
        let [a, b] = &self.paths;
        match at {
            Replica::A => a,
            Replica::B => b,
        }
    }

    pub(super) fn read(
        &self,
        at: Replica,
        offset: u64,
        bytes: &mut [u8],
    ) -> Result<(), StorageError> {
        let read = self.disk.read(at, offset, bytes);
        read.map_err(|error| StorageError::io("read", self.path(at), error))
    }

    pub(super) fn read_slot(&self, at: Replica, index: u32) -> Result<Reading, StorageError> {
        let mut bytes = [0; SLOT];
        self.read(at, slot::offset_of(index), &mut bytes)?;
        Ok(Reading::of(&bytes))
    }

    /// How many slots the longer replica has room for.
    pub(super) fn slots(&self) -> Result<u32, StorageError> {
        let len = self.len(Replica::A)?.max(self.len(Replica::B)?);
        let slots = len.saturating_sub(PAGE).div_ceil(SLOT as u64);
        Ok(u32::try_from(slots).unwrap_or(u32::MAX))
    }

    /// Writes all to one replica, and syncs it.
    pub(super) fn write_one(&self, at: Replica, patches: &[Patch]) -> Result<(), StorageError> {
        let end = patches.iter().map(|(at, bytes)| at + bytes.len() as u64);
        self.grow(at, end.max().unwrap_or(0))?;
        for (offset, bytes) in patches {
            self.write(at, *offset, bytes)?;
        }
        self.sync(at)
    }

    /// Writes all to both, one after the other.
    pub(super) fn write_both(&self, patches: &[Patch]) -> Result<(), StorageError> {
        self.write_one(Replica::A, patches)?;
        self.write_one(Replica::B, patches)
    }

    pub(super) fn sync(&self, at: Replica) -> Result<(), StorageError> {
        let synced = self.disk.sync(at);
        synced.map_err(|error| StorageError::io("sync", self.path(at), error))
    }

    /// Overwrites bytes with themselves, and sees whether they stay where they are.
    pub(super) fn media(&self) -> Result<Media, StorageError> {
        let mut worst = Media::InPlaceVerified;
        for at in Replica::BOTH {
            worst = worst.lesser(self.media_of(at)?);
        }
        Ok(worst)
    }

    pub(super) fn media_of(&self, at: Replica) -> Result<Media, StorageError> {
        const SPARE: u64 = PAGE / 2; // zeros of the first page that nothing lies in
        let probe = self.disk.probe(at, SPARE, SLOT as u64);
        let Some(probe) = probe else {
            return Ok(Media::Unknown);
        };
        self.write(at, SPARE, &[0; SLOT])?;
        self.sync(at)?;
        Ok(self.disk.probed(at, probe))
    }

    pub(super) fn probe(&self, at: Replica, offset: u64, len: u64) -> Option<MediaProbe> {
        self.disk.probe(at, offset, len)
    }

    pub(super) fn probed(&self, at: Replica, probe: MediaProbe) -> Media {
        self.disk.probed(at, probe)
    }

    /// Zeros up to `end` and some more, written and not only promised.
    fn grow(&self, at: Replica, end: u64) -> Result<(), StorageError> {
        const STEP: usize = 64 * 1024;
        let mut len = self.len(at)?;
        if end <= len {
            return Ok(());
        }
        let target = end.next_multiple_of(self.growth.max(1));
        while len < target {
            let step = usize::try_from(target - len).unwrap_or(STEP).min(STEP);
            let zeros = vec![0; step];
            self.write(at, len, &zeros)?;
            len += step as u64;
        }
        Ok(())
    }

    fn len(&self, at: Replica) -> Result<u64, StorageError> {
        let len = self.disk.len(at);
        len.map_err(|error| StorageError::io("measure", self.path(at), error))
    }

    fn write(&self, at: Replica, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let written = self.disk.write(at, offset, bytes);
        written.map_err(|error| StorageError::io("write", self.path(at), error))
    }
}

/// What a slot is, judged by both replicas; and which of them must be mended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) slot: Option<Slot>,
    pub(super) mend: [bool; 2],
}

/// Erased beats everything; what is whole beats what is torn or free; torn and free is free.
/// Torn in both is nothing that can be settled.
pub(super) fn settle(a: &Reading, b: &Reading) -> Option<Settled> {
    let slot = match (a, b) {
        (Reading::Slot(a), Reading::Slot(b)) => Some(stronger(a, b)?),
        (Reading::Slot(slot), _) | (_, Reading::Slot(slot)) => Some(slot),
        (Reading::Torn, Reading::Torn) => return None,
        _ => None,
    };
    let is = |reading: &Reading| match (reading, slot) {
        (Reading::Slot(reading), Some(slot)) => reading == slot,
        (Reading::Free, None) => true,
        _ => false,
    };
    Some(Settled {
        mend: [!is(a), !is(b)],
        slot: slot.cloned(),
    })
}

/// Of two whole readings of one slot the one that holds; `None` if they are of different things.
fn stronger<'a>(a: &'a Slot, b: &'a Slot) -> Option<&'a Slot> {
    use super::slot::State::Erased;
    match (a.state, b.state) {
        (Erased, Erased) => Some(if b.seq > a.seq { b } else { a }),
        (Erased, _) => Some(a),
        (_, Erased) => Some(b),
        _ if a == b => Some(a),
        // A root roll that was interrupted: the same key, wrapped anew in one of them.
        _ if a.state == b.state && a.key_id == b.key_id && a.tag == b.tag => {
            Some(if b.root_epoch > a.root_epoch { b } else { a })
        }
        _ => None,
    }
}

impl VaultError {
    /// A slot that is torn in both, or whole and different.
    pub(super) fn corrupt(replicas: &Replicas, slot: u32) -> Self {
        Self::Corrupt {
            slot,
            a: replicas.path(Replica::A).to_owned(),
            b: replicas.path(Replica::B).to_owned(),
        }
    }
}
