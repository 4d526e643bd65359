//! Who keeps the root of a vault when the vault itself shall not.

use std::fmt;

use uuid::Uuid;
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
/// A root is known by its [`RootId`]: the vault that it is of, so that one keeper may serve many, and a number that
/// counts its rolls. During a roll a vault has two, and after it one. A crash may come between any two
/// calls and each call may come again, so all three are idempotent. Calls may take a network's time: they
/// are made when a vault is created, opened or rolled, and never for an event.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use varvedb::{KeeperError, RootId, RootKeeper, RootKey};
///
/// /// Stands for a key service: it keeps roots in memory, so they die with the process.
/// #[derive(Debug, Default)]
/// struct Forgetful(Mutex<BTreeMap<RootId, RootKey>>);
///
/// impl RootKeeper for Forgetful {
///     fn create(&self, root: RootId) -> Result<(), KeeperError> {
///         let mut roots = self.0.lock().map_err(KeeperError::failed)?;
///         if !roots.contains_key(&root) {
///             roots.insert(root, RootKey::generate()?);
///         }
///         Ok(())
///     }
///
///     fn load(&self, root: RootId) -> Result<RootKey, KeeperError> {
///         let roots = self.0.lock().map_err(KeeperError::failed)?;
///         roots.get(&root).cloned().ok_or(KeeperError::Absent { root })
///     }
///
///     fn destroy(&self, root: RootId) -> Result<(), KeeperError> {
///         self.0.lock().map_err(KeeperError::failed)?.remove(&root);
///         Ok(())
///     }
/// }
///
/// let keeper = Forgetful::default();
/// let root = RootId { vault: uuid::Uuid::from_u128(4711), epoch: 1 };
/// keeper.create(root)?;
/// let key = keeper.load(root)?;
/// keeper.create(root)?; // again, after a crash
/// assert!(keeper.load(root)? == key);
/// keeper.destroy(root)?;
/// assert_eq!(keeper.load(root).unwrap_err(), KeeperError::Absent { root });
/// # Ok::<_, KeeperError>(())
/// ```
pub trait RootKeeper: fmt::Debug + Send + Sync {
    /// Makes a random root with this id and keeps it durably. If there is one already, it stays as it is:
    /// data keys may be wrapped under it.
    fn create(&self, root: RootId) -> Result<(), KeeperError>;

    /// The root with this id, or [`KeeperError::Absent`].
    fn load(&self, root: RootId) -> Result<RootKey, KeeperError>;

    /// Forgets the root with this id for good: when this returns, nobody can have it from the keeper any more.
    /// It is no error if there is none. A keeper that only schedules the destruction waits for it, or fails.
    fn destroy(&self, root: RootId) -> Result<(), KeeperError>;
}

/// Which root: of which vault, and after how many rolls. It shows as `<vault>/<epoch>`, which may name an entry of a key
/// service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootId {
    /// The vault's id; copies of it have the same.
    pub vault: Uuid,
    /// From 0, one more with each roll.
    pub epoch: u32,
}

impl fmt::Display for RootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.vault, self.epoch)
    }
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
    /// It keeps no such root.
    #[error(
        "the root keeper has no root {root}: it was destroyed, or this is another keeper, or the vault is an \
         older copy"
    )]
    Absent {
        /// Which one.
        root: RootId,
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
