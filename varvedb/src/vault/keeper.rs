//! Root keepers (a stand-in until the real file is merged).

use std::fmt;

use zeroize::Zeroizing;

/// A root that is held elsewhere.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// Of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(•••)")
    }
}

/// Why a root keeper failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeeperError(String);

impl KeeperError {
    /// What the keeper said.
    pub fn failed(said: impl fmt::Display) -> Self {
        Self(said.to_string())
    }
}

/// Holds roots elsewhere. All of it may be asked for again.
pub trait RootKeeper: fmt::Debug + Send + Sync {
    /// Makes the root of this epoch, unless it is there.
    fn create(&self, epoch: u32) -> Result<(), KeeperError>;
    /// The root of this epoch.
    fn load(&self, epoch: u32) -> Result<RootKey, KeeperError>;
    /// Destroys the root of this epoch, if it is there.
    fn destroy(&self, epoch: u32) -> Result<(), KeeperError>;
}
