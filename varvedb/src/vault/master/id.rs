//! What a vault calls a master key.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

use super::KEY_BYTES;
use crate::hex::Hex;

/// Names a master key: 16 bytes that are made of it and say nothing about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MasterKeyId(pub [u8; 16]);

impl MasterKeyId {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(super) fn of(key: &[u8; KEY_BYTES]) -> Self {
        let mut id = [0; 16];
        Hkdf::<Sha256>::new(None, key)
            .expand(b"varve/v1/master-kid", &mut id)
            .expect("HKDF gives up to 8,160 bytes");
        Self(id)
    }
}

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeyId({self})")
    }
}
