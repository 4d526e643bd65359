//! Master keys (a stand-in until the real file is merged).

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Names a master key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MasterKeyId(pub [u8; 16]);

impl MasterKeyId {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeyId({self})")
    }
}

/// A master key.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its id.
    pub fn id(&self) -> MasterKeyId {
        let mut id = [0; 16];
        Hkdf::<Sha256>::new(None, &*self.0)
            .expand(b"varve/v1/master-kid", &mut id)
            .expect("HKDF gives up to 8,160 bytes");
        MasterKeyId(id)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(•••)")
    }
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MasterKeyError(pub String);

/// Gives master keys.
pub trait MasterKeys: fmt::Debug + Send + Sync {
    /// The one that wraps from now on.
    fn current(&self) -> Result<MasterKey, MasterKeyError>;
    /// The one with this id, if it is known.
    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError>;
}

impl MasterKeys for MasterKey {
    fn current(&self) -> Result<MasterKey, MasterKeyError> {
        Ok(self.clone())
    }

    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
        Ok((self.id() == *id).then(|| self.clone()))
    }
}
