//! The data file, looked at before LMDB maps it.
//!
//! LMDB trusts its file: it would follow a page number beyond the end of a file that was cut and
//! take the process down with a bus error. So the two meta pages, the length and the roots are
//! checked first. LMDB writes its numbers as the machine has them; the offsets below are those of a
//! 64-bit little-endian one, and elsewhere nothing is checked.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::error::IndexError;
use crate::error::StorageError;

/// The name of LMDB's data file.
pub(super) const DATA: &str = "data.mdb";
/// The name of LMDB's lock file.
pub(super) const LOCK: &str = "lock.mdb";

const META_BYTES: usize = 152;
const MAGIC: u64 = 0xbeef_c0de;
const PAGE_BYTES: std::ops::RangeInclusive<u64> = 512..=65_536;
const NO_ROOT: u64 = u64::MAX;
const META: u64 = 0x08;
const BRANCH_OR_LEAF: u64 = 0x03;

/// What one of the two meta pages says.
struct Meta {
    page_bytes: u64,
    roots: [u64; 2],
    last_page: u64,
    transaction: u64,
}

/// Refuses a file that LMDB could not be trusted with. `alone` says that no other process writes it.
pub(super) fn check(path: &Path, alone: bool) -> Result<(), IndexError> {
    if cfg!(not(all(
        target_pointer_width = "64",
        target_endian = "little"
    ))) {
        return Ok(());
    }
    let failed = |source| StorageError::io("look at", path, source);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error).into()),
    };
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes == 0 {
        return Ok(()); // LMDB takes it for a new one, and so it is
    }
    match inspect(&mut file, bytes, alone) {
        Ok(()) => Ok(()),
        Err(Fault::Damage(what)) => Err(IndexError::Damaged(format!("{}: {what}", path.display()))),
        Err(Fault::Io(error)) => Err(failed(error).into()),
    }
}

/// Makes the file as long as LMDB says that it is. A page that a transaction took and gave back is
/// never written; at the end of the file it would look like a cut to [`check`].
pub(super) fn lengthen(file: &File, bytes: u64) -> std::io::Result<()> {
    if file.metadata()?.len() < bytes {
        file.set_len(bytes)?;
    }
    Ok(())
}

/// Whether LMDB will do without its table of readers. It opens the lock file like this, and where
/// the disk cannot be written goes on without: then no process that writes can know what is read.
pub(super) fn is_on_read_only_disk(dir: &Path) -> Result<bool, StorageError> {
    let path = dir.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    match options.open(&path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => Ok(true),
        Err(error) => Err(StorageError::io("open", &path, error)),
    }
}

enum Fault {
    Damage(&'static str),
    Io(std::io::Error),
}

fn inspect(file: &mut File, bytes: u64, alone: bool) -> Result<(), Fault> {
    let first = meta(file, 0)?;
    let second = meta(file, first.page_bytes)?;
    let latest = if second.transaction > first.transaction {
        second
    } else {
        first
    };
    let pages = bytes / latest.page_bytes;
    if latest.last_page >= pages {
        return Err(Fault::Damage("it is shorter than it was"));
    }
    // Another process may be writing over the root that was read a moment ago.
    for root in latest
        .roots
        .into_iter()
        .filter(|root| alone && *root != NO_ROOT)
    {
        if root > latest.last_page || !is_tree_page(file, root, latest.page_bytes)? {
            return Err(Fault::Damage("a tree does not start where it should"));
        }
    }
    Ok(())
}

fn meta(file: &mut File, offset: u64) -> Result<Meta, Fault> {
    let header: [u8; META_BYTES] = read(file, offset)?;
    let page_bytes = u32_at(&header, 40);
    let valid = u16_at(&header, 10) & META != 0
        && u32_at(&header, 16) == MAGIC
        && PAGE_BYTES.contains(&page_bytes)
        && page_bytes.is_power_of_two();
    if !valid {
        return Err(Fault::Damage("it does not start as an LMDB file does"));
    }
    Ok(Meta {
        page_bytes,
        roots: [u64_at(&header, 80), u64_at(&header, 128)],
        last_page: u64_at(&header, 136),
        transaction: u64_at(&header, 144),
    })
}

fn is_tree_page(file: &mut File, number: u64, page_bytes: u64) -> Result<bool, Fault> {
    let header: [u8; 16] = read(file, number.saturating_mul(page_bytes))?;
    Ok(u64_at(&header, 0) == number && u16_at(&header, 10) & BRANCH_OR_LEAF != 0)
}

fn read<const N: usize>(file: &mut File, offset: u64) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    let mut attempt = || {
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)
    };
    match attempt() {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(Fault::Damage("it ends before its pages do"))
        }
        Err(error) => Err(Fault::Io(error)),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes.get(at..at + 2))
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes.get(at..at + 4))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes.get(at..at + 8))
}

fn number(bytes: Option<&[u8]>) -> u64 {
    let bytes = bytes.unwrap_or_default().iter().rev();
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}
