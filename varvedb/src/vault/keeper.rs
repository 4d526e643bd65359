//! Who keeps the root of a vault when the vault itself shall not.

use std::fmt;

use zeroize::Zeroizing;

/// Bytes in a root.
pub(crate) const ROOT_BYTES: usize = 32;

/// Keeps the root under which a vault's data keys are wrapped, in a place of its own that forgets for certain:
/// a key service, a security module, the kernel's keyring.
///
/// With a keeper, a root roll makes every older copy of the vault's files worthless, wherever it lies: on a
/// copy-on-write file system, in a snapshot, in a backup, in the worn-out cells of a disk. That is worth what
/// [`destroy`](Self::destroy) is worth. A keeper whose roots are in a backup of their own, or in a file beside
/// the vault, adds nothing.
///
/// Roots are counted by epochs. During a roll there are two, and after it one. A crash may come between any two
/// calls and each call may come again, so all three are idempotent. Calls may take a network's time: they
/// are made when a vault is created, opened or rolled, and never for an event.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use varvedb::{KeeperError, RootKeeper, RootKey};
///
/// /// Stands for a key service: it keeps roots in memory, so they die with the process.
/// #[derive(Debug, Default)]
/// struct Forgetful(Mutex<BTreeMap<u32, RootKey>>);
///
/// impl RootKeeper for Forgetful {
///     fn create(&self, epoch: u32) -> Result<(), KeeperError> {
///         let mut roots = self.0.lock().map_err(KeeperError::failed)?;
///         if !roots.contains_key(&epoch) {
///             roots.insert(epoch, RootKey::generate()?);
///         }
///         Ok(())
///     }
///
///     fn load(&self, epoch: u32) -> Result<RootKey, KeeperError> {
///         let roots = self.0.lock().map_err(KeeperError::failed)?;
///         roots.get(&epoch).cloned().ok_or(KeeperError::Absent { epoch })
///     }
///
///     fn destroy(&self, epoch: u32) -> Result<(), KeeperError> {
///         self.0.lock().map_err(KeeperError::failed)?.remove(&epoch);
///         Ok(())
///     }
/// }
///
/// let keeper = Forgetful::default();
/// keeper.create(1)?;
/// let root = keeper.load(1)?;
/// keeper.create(1)?; // again, after a crash
/// assert!(keeper.load(1)? == root);
/// keeper.destroy(1)?;
/// assert_eq!(keeper.load(1).unwrap_err(), KeeperError::Absent { epoch: 1 });
/// # Ok::<_, KeeperError>(())
/// ```
pub trait RootKeeper: fmt::Debug + Send + Sync {
    /// Makes a random root for this epoch and keeps it durably. If there is one already, it stays as it is:
    /// data keys may be wrapped under it.
    fn create(&self, epoch: u32) -> Result<(), KeeperError>;

    /// The root of this epoch, or [`KeeperError::Absent`].
    fn load(&self, epoch: u32) -> Result<RootKey, KeeperError>;

    /// Forgets the root of this epoch for good: when this returns, nobody can have it from the keeper any more.
    /// It is no error if there is none. A keeper that only schedules the destruction waits for it, or fails.
    fn destroy(&self, epoch: u32) -> Result<(), KeeperError>;
}

/// The root of a vault: 32 random bytes, wiped from memory when dropped. `Debug` does not show them.
#[derive(Clone)]
pub struct RootKey(Zeroizing<[u8; ROOT_BYTES]>);

impl RootKey {
    /// The root of these bytes, which must be random.
    pub fn new(bytes: [u8; ROOT_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new root, from the system's random bytes.
    pub fn generate() -> Result<Self, KeeperError> {
        let mut bytes = Zeroizing::new([0; ROOT_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(KeeperError::failed)?;
        Ok(Self(bytes))
    }

    /// The bytes, for the keeper that puts them away.
    pub fn as_bytes(&self) -> &[u8; ROOT_BYTES] {
        &self.0
    }
}

impl TryFrom<&[u8]> for RootKey {
    type Error = KeeperError;

    fn try_from(bytes: &[u8]) -> Result<Self, KeeperError> {
        let mut root = Zeroizing::new([0; ROOT_BYTES]);
        if bytes.len() != ROOT_BYTES {
            return Err(KeeperError::Bytes { found: bytes.len() });
        }
        root.copy_from_slice(bytes);
        Ok(Self(root))
    }
}

/// Compared in constant time.
impl PartialEq for RootKey {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.as_bytes().as_slice(), other.as_bytes().as_slice())
            .into()
    }
}

impl Eq for RootKey {}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(•••)")
    }
}

/// Why a keeper did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeeperError {
    /// It keeps no root of this epoch.
    #[error(
        "the root keeper has no root of epoch {epoch}: it was destroyed, or this is another keeper, \
         or the vault is an older copy"
    )]
    Absent {
        /// Which epoch.
        epoch: u32,
    },
    /// It gave bytes, and not as many as a root has.
    #[error("a root is 32 bytes, and the root keeper gave {found}")]
    Bytes {
        /// How many.
        found: usize,
    },
    /// It failed.
    #[error("the root keeper failed: {what}")]
    Failed {
        /// What it said.
        what: String,
    },
}

impl KeeperError {
    /// What a keeper said; for implementations of [`RootKeeper`]. The text must not hold a root.
    pub fn failed(said: impl fmt::Display) -> Self {
        Self::Failed {
            what: said.to_string(),
        }
    }
}
