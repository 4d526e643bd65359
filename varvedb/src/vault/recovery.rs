//! What two replicas say together, and how they are made to say the same again.

use super::catalog::Catalog;
use super::disk::Replica;
use super::error::VaultError;
use super::header::{Header, HeaderReading, SECTOR};
use super::replicas::{self, Patch, Replicas};
use super::root::{RootReading, RootRecord};
use super::slot::{self, PAGE, Reading, SLOT};
use crate::error::StorageError;

/// Where the two root records lie.
pub(super) const ROOT_AT: [u64; 2] = [512, 1024];
const ROOT_DAMAGED: [&str; 2] = [
    "root record A is not what was written, in both replicas",
    "root record B is not what was written, in both replicas",
];
/// Slots are read so many at a time.
const CHUNK: usize = 4096;

/// The first page, judged by both replicas.
#[derive(Debug)]
pub(super) struct FirstPage {
    pub(super) header: Header,
    pub(super) roots: [Option<RootRecord>; 2],
    mending: Mending,
}

/// What is to be written to each replica so that both say the same.
#[derive(Debug, Default)]
pub(super) struct Mending([Vec<Patch>; 2]);

impl Mending {
    fn add(&mut self, mend: [bool; 2], offset: u64, bytes: &[u8]) {
        for (patches, is_needed) in self.0.iter_mut().zip(mend) {
            if is_needed {
                patches.push((offset, bytes.to_vec()));
            }
        }
    }

    /// `A` first, then `B`: what mends a replica is whole and durable in the other.
    pub(super) fn apply(&self, replicas: &Replicas) -> Result<(), StorageError> {
        for (at, patches) in Replica::BOTH.into_iter().zip(&self.0) {
            if !patches.is_empty() {
                replicas.write_one(at, patches)?;
            }
        }
        Ok(())
    }
}

/// Reads and judges the first page; `None` if no vault was ever completed here.
pub(super) fn first_page(replicas: &Replicas) -> Result<Option<FirstPage>, VaultError> {
    let pages = [page(replicas, Replica::A)?, page(replicas, Replica::B)?];
    let [a, b] = &pages;
    let mut mending = Mending::default();
    let Some(header) = settled_header(replicas, [&a.0, &b.0], &mut mending)? else {
        return unfinished(replicas, [&a.0, &b.0], "neither header is what was written");
    };
    let mut roots = [None, None];
    for (which, root) in roots.iter_mut().enumerate() {
        *root = root_record(replicas, which, [&a.1, &b.1], &mut mending)?;
    }
    if roots.iter().all(Option::is_none) {
        return unfinished(replicas, [&a.0, &b.0], "there is no root record");
    }
    Ok(Some(FirstPage {
        header,
        roots,
        mending,
    }))
}

impl FirstPage {
    pub(super) fn mend(&self, replicas: &Replicas) -> Result<(), StorageError> {
        self.mending.apply(replicas)
    }
}

/// Reads and judges all slots from one on, and what has to be mended for it.
pub(super) fn slots(
    replicas: &Replicas,
    first: u32,
    catalog: &mut Catalog,
) -> Result<Mending, VaultError> {
    let mut mending = Mending::default();
    let count = replicas.slots()?;
    let mut next = first;
    while next < count {
        let [a, b] = Replica::BOTH.map(|at| chunk(replicas, at, next, count));
        let (a, b) = (a?, b?);
        let readings = a.as_chunks::<SLOT>().0.iter().zip(b.as_chunks::<SLOT>().0);
        for (index, (a, b)) in (next..count).zip(readings) {
            judge(replicas, index, (a, b), catalog, &mut mending)?;
        }
        next = next.saturating_add(u32::try_from(CHUNK).unwrap_or(u32::MAX));
    }
    Ok(mending)
}

fn judge(
    replicas: &Replicas,
    index: u32,
    (a, b): (&[u8; SLOT], &[u8; SLOT]),
    catalog: &mut Catalog,
    mending: &mut Mending,
) -> Result<(), VaultError> {
    let reading = Reading::of(a);
    let other = if a == b {
        reading.clone()
    } else {
        Reading::of(b)
    };
    let settled = replicas::settle(&reading, &other);
    let settled = settled.ok_or_else(|| VaultError::corrupt(replicas, index))?;
    let bytes = settled
        .slot
        .as_ref()
        .map_or([0; SLOT], slot::Slot::to_bytes);
    mending.add(settled.mend, slot::offset_of(index), &bytes);
    if let Some(slot) = &settled.slot {
        catalog.put(index, slot);
    }
    Ok(())
}

/// The next slots of a replica: so many as are read at a time, or as there are.
fn chunk(
    replicas: &Replicas,
    at: Replica,
    first: u32,
    count: u32,
) -> Result<Vec<u8>, StorageError> {
    let slots = CHUNK.min(count.saturating_sub(first) as usize);
    let mut bytes = vec![0; slots * SLOT];
    replicas.read(at, slot::offset_of(first), &mut bytes)?;
    Ok(bytes)
}

fn page(
    replicas: &Replicas,
    at: Replica,
) -> Result<(HeaderReading, [RootReading; 2]), StorageError> {
    let sector = |offset| {
        let mut bytes = [0; SECTOR];
        replicas.read(at, offset, &mut bytes)?;
        Ok::<_, StorageError>(bytes)
    };
    let [first, second] = ROOT_AT;
    let roots = [
        RootReading::of(&sector(first)?),
        RootReading::of(&sector(second)?),
    ];
    Ok((HeaderReading::of(&sector(0)?), roots))
}

/// `A` is written first, so that it is right where both are whole.
fn settled_header(
    replicas: &Replicas,
    [a, b]: [&HeaderReading; 2],
    mending: &mut Mending,
) -> Result<Option<Header>, VaultError> {
    for (at, reading) in [(Replica::A, a), (Replica::B, b)] {
        if let HeaderReading::Foreign(format) = reading {
            return Err(VaultError::Format {
                path: replicas.path(at).to_owned(),
                format: *format,
            });
        }
    }
    let header = match (a, b) {
        (HeaderReading::Header(a), HeaderReading::Header(b)) if a.vault != b.vault => {
            return Err(VaultError::OtherVault {
                what: replicas.path(Replica::B).display().to_string(),
                found: b.vault,
                expected: a.vault,
            });
        }
        (HeaderReading::Header(header), _) | (_, HeaderReading::Header(header)) => header,
        _ => return Ok(None),
    };
    let is = |reading: &HeaderReading| *reading == HeaderReading::Header(header.clone());
    mending.add([!is(a), !is(b)], 0, &header.to_bytes());
    Ok(Some(header.clone()))
}

/// One of the two root records, judged by both replicas; `None` if there is none.
fn root_record(
    replicas: &Replicas,
    which: usize,
    [a, b]: [&[RootReading; 2]; 2],
    mending: &mut Mending,
) -> Result<Option<RootRecord>, VaultError> {
    let (Some(a), Some(b), Some(at)) = (a.get(which), b.get(which), ROOT_AT.get(which)) else {
        return Ok(None);
    };
    let Some((record, mend)) = settled_root(a, b) else {
        let what = ROOT_DAMAGED.get(which).copied().unwrap_or_default();
        return Err(damaged(replicas, what));
    };
    let bytes = record.as_ref().map_or([0; SECTOR], RootRecord::to_bytes);
    mending.add(mend, *at, &bytes);
    Ok(record)
}

/// A record that is whole beats one that is not; of two the one that is further on.
fn settled_root(a: &RootReading, b: &RootReading) -> Option<(Option<RootRecord>, [bool; 2])> {
    use RootReading::{None as Free, Record, Torn};
    let record = match (a, b) {
        (Record(a), Record(b)) => {
            let is_further = (b.epoch, b.stage) > (a.epoch, a.stage);
            Some(if is_further { b } else { a })
        }
        (Record(record), _) | (_, Record(record)) => Some(record),
        (Torn, Torn) => return None,
        _ => None,
    };
    let is = |reading: &RootReading| match (reading, record) {
        (Record(reading), Some(record)) => reading == record,
        (Free, None) => true,
        _ => false,
    };
    Some((record.cloned(), [!is(a), !is(b)]))
}

/// A creation that did not get to its end has a blank replica, and no slot anywhere. All else is damage.
fn unfinished(
    replicas: &Replicas,
    headers: [&HeaderReading; 2],
    what: &'static str,
) -> Result<Option<FirstPage>, VaultError> {
    let is_blank = headers.contains(&&HeaderReading::Blank);
    if is_blank && has_no_slot(replicas)? {
        return Ok(None);
    }
    Err(damaged(replicas, what))
}

fn has_no_slot(replicas: &Replicas) -> Result<bool, StorageError> {
    let count = replicas.slots()?;
    for first in (0..count).step_by(CHUNK) {
        for at in Replica::BOTH {
            if chunk(replicas, at, first, count)?
                .iter()
                .any(|byte| *byte != 0)
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn damaged(replicas: &Replicas, what: &'static str) -> VaultError {
    VaultError::Damaged {
        path: replicas.path(Replica::A).to_owned(),
        what,
    }
}

const _: () = assert!(PAGE >= ROOT_AT[1] + SECTOR as u64);
