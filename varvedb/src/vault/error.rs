//! Why a vault could not be opened, or did not do what it was asked to.

use std::path::PathBuf;

use uuid::Uuid;

use super::master::MasterKeyId;
use super::media::Media;
use super::random::NoRandom;
use crate::error::StorageError;
use crate::pii::{Fenced, Subject};

/// Why the key vault could not be opened or used. Each says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// A replica is not there.
    #[error(
        "the key vault is missing: there is no {path}; put it back, or, if it is gone for good together \
         with all that is sealed, say so: `VaultOptions::replace_lost`"
    )]
    Missing {
        /// The file that is not there.
        path: PathBuf,
    },
    /// One replica is not there, and the other is.
    #[error(
        "one replica of the key vault is missing: {}; the other, {}, is there: while no process uses the vault, \
         copy it to the place of the one that is missing, readable by its owner alone", .path.display(), .other.display()
    )]
    MissingReplica {
        /// The file that is not there.
        path: PathBuf,
        /// The one that is.
        other: PathBuf,
    },
    /// Another process writes to the vault.
    #[error(
        "the key vault is in use by process {pid}, which holds {path}; end that one, or open the store \
         read-only beside it"
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process; 0 if it is not known.
        pid: u32,
    },
    /// The master key that wraps the root was not given.
    #[error(
        "the key vault is wrapped by master key {wanted}, which was not given; \
         give that key, or a ring that has it"
    )]
    WrongMasterKey {
        /// The master key's id.
        wanted: MasterKeyId,
    },
    /// The vault belongs to another store.
    #[error(
        "the key vault {path} belongs to store {found}; name the right directory, or, if it is to \
         belong to this store from now on, say so: `VaultOptions::adopt`"
    )]
    OtherStore {
        /// The first replica.
        path: PathBuf,
        /// The store that it belongs to.
        found: Uuid,
    },
    /// The second replica, or a ledger, is of another vault.
    #[error(
        "{what} is of another key vault: {found} instead of {expected}; take the one that belongs to it"
    )]
    OtherVault {
        /// What it is that does not belong here.
        what: String,
        /// The vault it is of.
        found: Uuid,
        /// The vault it should be of.
        expected: Uuid,
    },
    /// A slot is damaged in both replicas.
    #[error(
        "slot {slot} of the key vault is damaged in both replicas, so that nobody can tell whether its \
         key was shredded; put back {a} and {b} from one copy, then apply the shred ledger"
    )]
    Corrupt {
        /// The number of the slot.
        slot: u32,
        /// The first replica.
        a: PathBuf,
        /// The second replica.
        b: PathBuf,
    },
    /// Something other than a slot is damaged in both replicas.
    #[error(
        "the key vault {path} is damaged in both replicas: {what}; put back both from one copy, then apply the \
         shred ledger"
    )]
    Damaged {
        /// The first replica.
        path: PathBuf,
        /// What is damaged.
        what: &'static str,
    },
    /// The directory of the vault lies in that of the store.
    #[error(
        "the key vault {path} lies in the store's own directory, so that every backup of the store \
         would contain its keys; choose another, or say `VaultOptions::allow_colocated`"
    )]
    Colocated {
        /// The vault's directory.
        path: PathBuf,
    },
    /// Other users may read the vault.
    #[error(
        "{path} has mode {mode:o}, so that others have access to it; take it away: `chmod go= {path}`"
    )]
    Permissions {
        /// The file or directory.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The medium does not overwrite in place.
    #[error(
        "{path} lies on a medium on which overwriting does not surely erase ({media:?}), and strict media \
         were asked for; choose another, or hold the root elsewhere: `VaultOptions::root_keeper`"
    )]
    MediaRefused {
        /// The replica.
        path: PathBuf,
        /// What was found out.
        media: Media,
    },
    /// The subject was shredded, so that there are no new keys for it.
    #[error(
        "{} was shredded (purpose `{}`) and gets no new data key unless it is enrolled again",
        .0.subject, .0.purpose
    )]
    SubjectShredded(Fenced),
    /// Nothing is known of the subject.
    #[error(
        "the key vault knows nothing of {subject}, neither a data key nor a tombstone; look whether the id is right"
    )]
    UnknownSubject {
        /// Whose keys were to be erased.
        subject: Subject,
    },
    /// The vault has a format that this version does not know.
    #[error(
        "the key vault {path} has format {format}, and this version of VarveDB knows 1; open it with a newer one"
    )]
    Format {
        /// The replica.
        path: PathBuf,
        /// The format.
        format: u16,
    },
    /// The root is held elsewhere, or not, and the options say otherwise.
    #[error("{what}")]
    RootKeeper {
        /// What does not fit.
        what: &'static str,
    },
    /// The root's keeper failed.
    #[error("{what}; ask again when it answers")]
    Keeper {
        /// What it said.
        what: String,
    },
    /// The master keys' provider failed.
    #[error(
        "the master key could not be had: {what}; see that the provider named in `VaultOptions` can give it"
    )]
    MasterKey {
        /// What it said.
        what: String,
    },
    /// Only the writing process changes the vault.
    #[error(
        "the key vault was opened for reading only; the process that writes to the store changes it"
    )]
    ReadOnly,
    /// All slots are in use.
    #[error("the key vault is full: it has 2^32 slots at most, and none is used twice")]
    Full,
    /// The ledger cannot be read.
    #[error(
        "line {line} of the shred ledger cannot be read: {what}; take one that was written whole"
    )]
    Ledger {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {what}; nothing was sealed, ask again")]
    NoRandom {
        /// What it said.
        what: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<NoRandom> for VaultError {
    fn from(NoRandom(what): NoRandom) -> Self {
        Self::NoRandom { what }
    }
}
