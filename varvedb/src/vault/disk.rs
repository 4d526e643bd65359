//! The two replicas as files: everything the vault reads and writes goes through here.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

use super::media::{Media, MediaProbe};

/// One of the two copies. `A` is always written and synced before `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replica {
    A,
    B,
}

/// What the vault asks of its medium, so that a simulated one can take the place of files.
pub(super) trait Disk: fmt::Debug + Send + Sync {
    fn len(&self, at: Replica) -> io::Result<u64>;

    /// Reads zeros beyond the end.
    fn read(&self, at: Replica, offset: u64, bytes: &mut [u8]) -> io::Result<()>;

    fn write(&self, at: Replica, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Everything written so far survives a power cut.
    fn sync(&self, at: Replica) -> io::Result<()>;

    /// Begins to find out whether an overwrite takes place where the bytes are.
    fn probe(&self, at: Replica, offset: u64, len: u64) -> Option<MediaProbe>;

    /// What it has found out, after the overwrite was synced.
    fn probed(&self, at: Replica, probe: MediaProbe) -> Media;
}

/// Files. What is done to them is told as it is done, for whoever has to see in which order.
#[derive(Debug)]
pub(super) struct FileDisk {
    a: File,
    b: File,
}

impl Replica {
    pub(super) const BOTH: [Self; 2] = [Self::A, Self::B];
}

impl FileDisk {
    pub(super) fn new(a: File, b: File) -> Self {
        Self { a, b }
    }

    fn file(&self, at: Replica) -> &File {
        match at {
            Replica::A => &self.a,
            Replica::B => &self.b,
        }
    }
}

impl Disk for FileDisk {
    fn len(&self, at: Replica) -> io::Result<u64> {
        self.file(at).metadata().map(|metadata| metadata.len())
    }

    fn read(&self, at: Replica, mut offset: u64, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file(at).read_at(bytes, offset) {
                Ok(0) => {
                    bytes.fill(0);
                    return Ok(());
                }
                Ok(read) => {
                    offset += read as u64;
                    bytes = bytes.get_mut(read..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write(&self, at: Replica, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file(at).write_all_at(bytes, offset)?;
        tracing::trace!(replica = ?at, offset, bytes = bytes.len(), "wrote");
        Ok(())
    }

    fn sync(&self, at: Replica) -> io::Result<()> {
        self.file(at).sync_data()?;
        tracing::trace!(replica = ?at, "synced");
        Ok(())
    }

    fn probe(&self, at: Replica, offset: u64, len: u64) -> Option<MediaProbe> {
        Some(MediaProbe::before(self.file(at), offset, len))
    }

    fn probed(&self, at: Replica, probe: MediaProbe) -> Media {
        probe.after(self.file(at))
    }
}
