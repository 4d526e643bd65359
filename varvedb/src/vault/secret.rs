//! Thirty-two bytes that nobody prints and that do not stay in memory, and what is encrypted under them.

use std::fmt;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use super::random::{self, NoRandom};

/// A key: overwritten with zeros when dropped.
pub(super) struct Secret(Zeroizing<[u8; 32]>);

/// The bytes are not what was encrypted under this key.
#[derive(Debug)]
pub(super) struct NotAuthentic;

impl Secret {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// To be filled.
    pub(super) fn empty() -> Self {
        Self::new([0; 32])
    }

    /// A new one, from the system's random bytes.
    pub(super) fn generate() -> Result<Self, NoRandom> {
        let mut secret = Self::empty();
        random::fill(secret.bytes_mut())?;
        Ok(secret)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }

    /// Encrypts the bytes where they are, and gives their tag.
    pub(super) fn encrypt(&self, nonce: &[u8; 12], aad: &[u8], bytes: &mut [u8]) -> [u8; 16] {
        let cipher = Aes256Gcm::new(self.bytes().into());
        let tag = cipher.encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(bytes));
        tag.expect("AES-GCM takes up to 64 GiB").into()
    }

    /// Decrypts the bytes where they are. They stay as they are if they are not authentic.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; 12],
        aad: &[u8],
        bytes: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), NotAuthentic> {
        let cipher = Aes256Gcm::new(self.bytes().into());
        cipher
            .decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(bytes), tag.into())
            .map_err(|_| NotAuthentic)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(•••)")
    }
}
