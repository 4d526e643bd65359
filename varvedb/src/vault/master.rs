//! The master key: what a key vault is locked with, and where it comes from.

mod error;
mod file;
mod hex;
mod id;
#[cfg(feature = "keyring")]
mod os_keyring;
mod ring;

use std::env;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use self::error::MasterKeyError;
pub use self::id::MasterKeyId;
#[cfg(feature = "keyring")]
pub use self::os_keyring::OsKeyring;
pub use self::ring::KeyRing;

/// Bytes in a master key.
pub(crate) const KEY_BYTES: usize = 32;

/// Hands out master keys: a [`MasterKey`] itself, a [`KeyRing`] of several, or what an application writes for
/// its key management service.
///
/// A vault asks when it is opened and when its master key is rotated, not for every event; so the answer may
/// take a network's time, and a process that runs needs no more answers.
///
/// ```
/// use varvedb::{MasterKey, MasterKeyError, MasterKeyId, MasterKeys};
/// # #[derive(Debug)] struct Kms;
/// # impl Kms {
/// #     fn decrypt(&self, wrapped: &[u8]) -> Result<Vec<u8>, std::io::Error> {
/// #         Ok(wrapped.iter().map(|byte| byte ^ 0x55).collect())
/// #     }
/// # }
///
/// /// Master keys that only the key service can unwrap; the wrapped ones lie in the configuration.
/// #[derive(Debug)]
/// struct FromKms {
///     kms: Kms,
///     wrapped: Vec<u8>,
///     older: Vec<Vec<u8>>,
/// }
///
/// impl FromKms {
///     fn unwrap(&self, wrapped: &[u8]) -> Result<MasterKey, MasterKeyError> {
///         let key = self.kms.decrypt(wrapped).map_err(MasterKeyError::provider)?;
///         MasterKey::try_from(key)
///     }
/// }
///
/// impl MasterKeys for FromKms {
///     fn current(&self) -> Result<MasterKey, MasterKeyError> {
///         self.unwrap(&self.wrapped)
///     }
///
///     fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
///         for wrapped in [&self.wrapped].into_iter().chain(&self.older) {
///             let key = self.unwrap(wrapped)?;
///             if key.id() == *id {
///                 return Ok(Some(key));
///             }
///         }
///         Ok(None)
///     }
/// }
/// # let keys = FromKms { kms: Kms, wrapped: vec![7; 32], older: vec![vec![8; 32]] };
/// # let older = MasterKey::new([8 ^ 0x55; 32]).id();
/// # assert_eq!(keys.by_id(&older)?.map(|key| key.id()), Some(older));
/// # assert_eq!(keys.by_id(&MasterKey::new([1; 32]).id())?.map(|key| key.id()), None);
/// # assert_ne!(keys.current()?.id(), older);
/// # Ok::<_, MasterKeyError>(())
/// ```
pub trait MasterKeys: fmt::Debug + Send + Sync {
    /// The key that new vaults are locked with, and that a rotation changes to.
    fn current(&self) -> Result<MasterKey, MasterKeyError>;

    /// The key with this id, current or older; `None` if there is none, which is no error here.
    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError>;
}

/// 32 bytes that lock a key vault. Whoever has them and the vault's files can read what is not shredded;
/// who loses them loses all personal data.
///
/// It must be random, from [`generate`](Self::generate) or a key service; it is not made for passwords.
/// `Debug` shows its [id](Self::id) alone, and its bytes are wiped from memory when it is dropped.
///
/// ```
/// use varvedb::MasterKey;
///
/// let key = MasterKey::generate()?;
/// assert_eq!(MasterKey::from_hex(&key.to_hex())?.id(), key.id());
/// assert_eq!(format!("{key:?}"), format!("MasterKey({})", key.id()));
/// # Ok::<_, varvedb::MasterKeyError>(())
/// ```
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// The key of these bytes, which must be random.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new key, from the system's random bytes.
    pub fn generate() -> Result<Self, MasterKeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| MasterKeyError::NoRandom {
            what: error.to_string(),
        })?;
        Ok(Self(bytes))
    }

    /// The key that an environment variable holds, as 64 hexadecimal digits.
    ///
    /// Other processes of the same user can read a process's environment, and children inherit it; where
    /// that matters, prefer [`from_file`](Self::from_file).
    ///
    /// ```no_run
    /// let key = varvedb::MasterKey::from_env("ORDERS_MASTER_KEY")?;
    /// # Ok::<_, varvedb::MasterKeyError>(())
    /// ```
    pub fn from_env(variable: &str) -> Result<Self, MasterKeyError> {
        let text = env::var_os(variable).ok_or_else(|| MasterKeyError::Unset {
            variable: variable.to_owned(),
        })?;
        let text = Zeroizing::new(text.into_encoded_bytes());
        Self::from_text(&text, || format!("the environment variable `{variable}`"))
    }

    /// The key that a file holds: 64 hexadecimal digits, a line end allowed, or the 32 bytes themselves.
    ///
    /// A file that group or others may read or change is refused, as is anything that is no regular file.
    /// Symbolic links are followed, for secrets that are mounted this way.
    ///
    /// ```
    /// use varvedb::MasterKey;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("master.key");
    ///
    /// MasterKey::generate()?.save(&path)?; // once
    /// let key = MasterKey::from_file(&path)?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, MasterKeyError> {
        let path = path.as_ref();
        let content = file::read(path)?;
        if content.len() == KEY_BYTES && !content.iter().all(u8::is_ascii_hexdigit) {
            return Self::try_from(content.as_slice());
        }
        Self::from_text(&content, || path.display().to_string())
    }

    /// Writes the key into a new file that its owner alone may read, as 64 hexadecimal digits, and syncs it.
    /// A file that exists already is left as it is, and an error.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), MasterKeyError> {
        file::write_new(path.as_ref(), self.to_hex().as_bytes())
    }

    /// The key that 64 hexadecimal digits spell.
    pub fn from_hex(digits: &str) -> Result<Self, MasterKeyError> {
        Self::from_text(digits.as_bytes(), || "the text given".to_owned())
    }

    /// The key as 64 hexadecimal digits, to be stored where nobody else reads; wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        hex::encode(self.bytes())
    }

    /// What a vault calls the key. It says nothing about the key's bytes and need not be kept secret.
    pub fn id(&self) -> MasterKeyId {
        MasterKeyId::of(self.bytes())
    }

    /// The key itself.
    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn from_text(text: &[u8], origin: impl Fn() -> String) -> Result<Self, MasterKeyError> {
        let digits = hex::without_line_end(text);
        if digits.is_empty() {
            return Err(MasterKeyError::Empty { origin: origin() });
        }
        if digits.len() != 2 * KEY_BYTES {
            return Err(MasterKeyError::Length {
                origin: origin(),
                bytes: digits.len(),
            });
        }
        let key = hex::decode(digits).ok_or_else(|| MasterKeyError::NotHex { origin: origin() })?;
        Ok(Self(key))
    }
}

impl TryFrom<&[u8]> for MasterKey {
    type Error = MasterKeyError;

    fn try_from(bytes: &[u8]) -> Result<Self, MasterKeyError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return Err(MasterKeyError::Bytes { found: bytes.len() });
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }
}

/// What a key service answers; the vector is wiped.
impl TryFrom<Vec<u8>> for MasterKey {
    type Error = MasterKeyError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, MasterKeyError> {
        Self::try_from(Zeroizing::new(bytes).as_slice())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

impl MasterKeys for MasterKey {
    fn current(&self) -> Result<MasterKey, MasterKeyError> {
        Ok(self.clone())
    }

    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
        Ok((self.id() == *id).then(|| self.clone()))
    }
}

impl<T: MasterKeys + ?Sized> MasterKeys for Arc<T> {
    fn current(&self) -> Result<MasterKey, MasterKeyError> {
        (**self).current()
    }

    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
        (**self).by_id(id)
    }
}

#[cfg(test)]
mod tests;
