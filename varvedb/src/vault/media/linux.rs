//! Linux: where blocks lie, by FIEMAP; and what kind of file system it is, by `statfs` and the mounts.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

use fiemap::{Fiemap, FiemapExtentFlags, FiemapFlags};
use rustix::fs::{IFlags, fstatfs, ioctl_getflags, ioctl_setflags, major, minor};

use super::Media;

/// Which file system it is, as far as it matters. Those that are not known by name are never trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileSystem {
    Ext,
    Xfs,
    Btrfs,
    /// They write elsewhere by their nature: zfs, f2fs, bcachefs, nilfs.
    Elsewhere,
    Other,
}

/// Where some bytes of a file lie.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extents {
    offset: u64,
    len: u64,
    /// Pieces in order, cut to the bytes that are asked for: where in the file, where on the device, how long.
    pieces: Vec<(u64, u64, u64)>,
    is_shared: bool,
    /// The place on the device is not told, or is not where the bytes themselves lie.
    is_opaque: bool,
}

impl Extents {
    /// `None` where the file system does not tell.
    pub(super) fn of(file: &File, offset: u64, len: u64) -> Option<Self> {
        let end = offset.checked_add(len)?;
        let mut extents = Self {
            offset,
            len,
            pieces: Vec::new(),
            is_shared: false,
            is_opaque: false,
        };
        for extent in Fiemap::with_flags(file, FiemapFlags::SYNC) {
            let extent = extent.ok()?;
            if extent.fe_logical >= end {
                break;
            }
            let extent_end = extent.fe_logical.checked_add(extent.fe_length)?;
            let (from, to) = (extent.fe_logical.max(offset), extent_end.min(end));
            if from < to {
                let at = extent.fe_physical.checked_add(from - extent.fe_logical)?;
                extents.add((from, at, to - from), extent.fe_flags);
            }
        }
        Some(extents)
    }

    /// Extents that were split or merged meanwhile are the same place.
    fn add(&mut self, (from, at, len): (u64, u64, u64), flags: FiemapExtentFlags) {
        self.is_shared |= flags.contains(FiemapExtentFlags::SHARED);
        self.is_opaque |= flags.intersects(OPAQUE);
        match self.pieces.last_mut() {
            Some((last, last_at, last_len))
                if *last + *last_len == from && *last_at + *last_len == at =>
            {
                *last_len += len;
            }
            _ => self.pieces.push((from, at, len)),
        }
    }

    fn is_whole(&self) -> bool {
        self.len > 0 && self.pieces.iter().map(|(_, _, len)| len).sum::<u64>() == self.len
    }
}

const OPAQUE: FiemapExtentFlags = FiemapExtentFlags::UNKNOWN
    .union(FiemapExtentFlags::DELALLOC)
    .union(FiemapExtentFlags::ENCODED)
    .union(FiemapExtentFlags::DATA_INLINE)
    .union(FiemapExtentFlags::DATA_TAIL)
    .union(FiemapExtentFlags::NOT_ALIGNED);

/// What became of the bytes whose place was looked up before.
pub(super) fn judge(file: &File, before: &Extents) -> Media {
    let Some(after) = Extents::of(file, before.offset, before.len) else {
        return without_extents(file);
    };
    let system = FileSystem::of(file);
    if before.is_shared || after.is_shared || before.pieces != after.pieces {
        return Media::CopyOnWrite;
    }
    if before.is_opaque || after.is_opaque || !before.is_whole() {
        return without_extents(file);
    }
    match system {
        FileSystem::Ext => what_the_journal_holds(file),
        FileSystem::Xfs | FileSystem::Btrfs => Media::InPlaceVerified,
        FileSystem::Elsewhere => Media::CopyOnWrite,
        FileSystem::Other => Media::Unknown,
    }
}

/// What is known of the file system alone.
pub(super) fn without_extents(file: &File) -> Media {
    match FileSystem::of(file) {
        FileSystem::Btrfs | FileSystem::Elsewhere => Media::CopyOnWrite,
        FileSystem::Ext | FileSystem::Xfs | FileSystem::Other => Media::Unknown,
    }
}

/// Copy-on-write must be switched off while a file is empty; a file system that has no such flag refuses it,
/// and must not take the other flag down with it.
pub(super) fn ask_to_overwrite_in_place(file: &File) {
    for flag in [IFlags::NODUMP, IFlags::NOCOW] {
        if let Ok(flags) = ioctl_getflags(file) {
            // Refused is answered: the probe sees what the file system does.
            let _ = ioctl_setflags(file, flags | flag);
        }
    }
}

impl FileSystem {
    fn of(file: &File) -> Self {
        let Ok(found) = fstatfs(file) else {
            return Self::Other;
        };
        // A magic number is 32 bits, whatever the width and sign of the field on this machine.
        match found.f_type & 0xFFFF_FFFF {
            0xEF53 => Self::Ext,
            0x5846_5342 => Self::Xfs,
            0x9123_683E => Self::Btrfs,
            0x2FC1_2FC1 | 0xF2F5_2010 | 0xCA45_1A4E | 0x3434 => Self::Elsewhere,
            _ => Self::Other,
        }
    }
}

/// The ext family journals content if it is mounted so, or if the file is marked so.
fn what_the_journal_holds(file: &File) -> Media {
    let Ok(flags) = ioctl_getflags(file) else {
        return Media::Unknown;
    };
    if flags.contains(IFlags::JOURNALING) {
        return Media::Journaled;
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let device = file.metadata().map(|found| found.dev()).unwrap_or_default();
    match options_of(&mounts, &format!("{}:{}", major(device), minor(device))) {
        None => Media::Unknown,
        Some(options) if options.split(',').any(|option| option == "data=journal") => {
            Media::Journaled
        }
        Some(_) => Media::InPlaceVerified,
    }
}

/// The options of the file system on a device, from the text of `/proc/self/mountinfo`: the last field of its
/// line. They belong to the file system, so any of its mounts will do.
fn options_of<'a>(mounts: &'a str, device: &str) -> Option<&'a str> {
    let mut mount = mounts
        .lines()
        .filter(|line| line.split(' ').nth(2) == Some(device));
    let (_, file_system) = mount.next()?.split_once(" - ")?;
    file_system.split(' ').nth(2)
}

#[cfg(test)]
mod tests;
