//! What can go wrong below the verbs: files, the index, and bytes that are not what was written.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::position::Position;

/// Something below the store failed: a file, the index, or bytes that are not what was written.
///
/// It is opaque on purpose; ask it what matters: [`is_corrupt`](Self::is_corrupt),
/// [`is_poisoned`](Self::is_poisoned), [`is_full`](Self::is_full), [`damage`](Self::damage).
/// Cheap to clone, since one failed write fails every append of its group.
#[derive(Clone)]
pub struct StorageError(Arc<Kind>);

enum Kind {
    Io {
        attempt: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    Damaged(Damage),
    CutShort {
        damage: Damage,
        end: Position,
        synced: Position,
    },
    Index {
        attempt: &'static str,
        /// Where the index is; `None` when it is not the index itself that failed.
        dir: Option<PathBuf>,
        source: Box<dyn Error + Send + Sync>,
    },
    Panicked {
        who: &'static str,
    },
    Poisoned {
        cause: String,
    },
    Forked {
        from: u32,
    },
    Closed,
}

/// Where bytes in a file are not what was written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Where in the file, in bytes from its start.
    pub offset: u64,
    /// The first position that cannot be read, as far as it is known.
    pub position: Option<Position>,
    /// What is wrong with the bytes.
    pub what: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is damaged at offset {}",
            self.path.display(),
            self.offset
        )?;
        if let Some(position) = self.position {
            write!(f, " (position {position})")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl StorageError {
    /// A file could not be read or written. `attempt` finishes "could not …".
    pub(crate) fn io(attempt: &'static str, path: &Path, source: io::Error) -> Self {
        Self(Arc::new(Kind::Io {
            attempt,
            path: path.to_owned(),
            source,
        }))
    }

    /// Bytes are not what was written.
    pub(crate) fn damaged(damage: Damage) -> Self {
        Self(Arc::new(Kind::Damaged(damage)))
    }

    /// The log ends at `end`, although it was synced up to `synced`.
    pub(crate) fn cut_short(damage: Damage, end: Position, synced: Position) -> Self {
        Self(Arc::new(Kind::CutShort {
            damage,
            end,
            synced,
        }))
    }

    /// The index failed. `attempt` finishes "could not …".
    pub(crate) fn index(
        attempt: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self(Arc::new(Kind::Index {
            attempt,
            dir: None,
            source: source.into(),
        }))
    }

    /// Says in which directory the index is, if this is about the index and new.
    pub(crate) fn in_index(mut self, at: &Path) -> Self {
        if let Some(Kind::Index { dir, .. }) = Arc::get_mut(&mut self.0) {
            dir.get_or_insert_with(|| at.to_owned());
        }
        self
    }

    /// An earlier write or sync failed, for this reason.
    pub(crate) fn poisoned(cause: &Self) -> Self {
        let cause = match &*cause.0 {
            Kind::Poisoned { cause } => cause.clone(),
            _ => cause.to_string(),
        };
        Self(Arc::new(Kind::Poisoned { cause }))
    }

    /// A thread of the store panicked.
    pub(crate) fn panicked(who: &'static str) -> Self {
        Self(Arc::new(Kind::Panicked { who }))
    }

    /// This process was forked from the one that opened the store.
    pub(crate) fn forked(from: u32) -> Self {
        Self(Arc::new(Kind::Forked { from }))
    }

    /// The store was closed.
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Kind::Closed))
    }

    /// Bytes on disk are not what was written; see [`damage`](Self::damage) for where.
    pub fn is_corrupt(&self) -> bool {
        self.damage().is_some()
    }

    /// An earlier write or sync failed, so nothing may be assumed of what followed it. Reopening
    /// the store recovers it.
    pub fn is_poisoned(&self) -> bool {
        matches!(*self.0, Kind::Poisoned { .. })
    }

    /// The store was closed while this call waited.
    pub fn is_closed(&self) -> bool {
        matches!(*self.0, Kind::Closed)
    }

    /// The disk, or the quota, is full.
    pub fn is_full(&self) -> bool {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let cause = match &*self.0 {
            Kind::Io { source, .. } => Some(source),
            Kind::Index { source, .. } => source.downcast_ref::<io::Error>(),
            _ => None,
        };
        cause
            .is_some_and(|cause| matches!(cause.kind(), StorageFull | QuotaExceeded | FileTooLarge))
    }

    /// Where the damage is, if this is about damage.
    pub fn damage(&self) -> Option<&Damage> {
        match &*self.0 {
            Kind::Damaged(damage) | Kind::CutShort { damage, .. } => Some(damage),
            _ => None,
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Io {
                attempt,
                path,
                source,
            } => {
                write!(f, "could not {attempt} {}: {source}", path.display())
            }
            Kind::Damaged(damage) => damage.fmt(f),
            Kind::CutShort {
                damage,
                end,
                synced,
            } => write!(
                f,
                "{damage}; the last position is {end}, although the log was synced up to {synced}: \
                 bytes of it were changed, a segment was removed, or an older copy of `log` put \
                 back; put back what is missing, or, to go on with what is there, delete the file \
                 `lock` of the store"
            ),
            Kind::Index {
                attempt,
                dir: Some(dir),
                source,
            } => write!(f, "could not {attempt} in {}: {source}", dir.display()),
            Kind::Index {
                attempt, source, ..
            } => write!(f, "could not {attempt}: {source}"),
            Kind::Panicked { who } => write!(f, "{who} panicked, reopen the store to recover"),
            Kind::Poisoned { cause } => write!(
                f,
                "the store stopped after an earlier failure, reopen it to recover: {cause}"
            ),
            Kind::Forked { from } => write!(
                f,
                "this process was forked from process {from}, which has the store open; \
                 open a store after the fork, not before it"
            ),
            Kind::Closed => f.write_str("the store is closed"),
        }
    }
}

impl fmt::Debug for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorageError({self})")
    }
}

// No `source`: the message above already says all of it.
impl Error for StorageError {}
