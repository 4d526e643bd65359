//! Several master keys: the current one, and those that vaults may still be locked with.

use super::{MasterKey, MasterKeyError, MasterKeyId, MasterKeys};

/// A current master key and older ones.
///
/// This is how the master key of a vault is changed: open the store with the new key as the current one and
/// the old one beside it, rotate, and leave the old one out from then on.
///
/// ```
/// use varvedb::{KeyRing, MasterKey, MasterKeys};
/// # let (new, old) = (MasterKey::generate()?, MasterKey::generate()?);
/// # let (new_id, old_id) = (new.id(), old.id());
///
/// let keys = KeyRing::new(new).with_older(old);
/// assert_eq!(keys.current()?.id(), new_id);
/// assert!(keys.by_id(&old_id)?.is_some());
/// # Ok::<_, varvedb::MasterKeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl KeyRing {
    /// A ring with one key, the current one.
    pub fn new(current: MasterKey) -> Self {
        Self {
            current,
            older: Vec::new(),
        }
    }

    /// The same with a key that was current before.
    #[must_use]
    pub fn with_older(mut self, key: MasterKey) -> Self {
        self.older.push(key);
        self
    }
}

impl MasterKeys for KeyRing {
    fn current(&self) -> Result<MasterKey, MasterKeyError> {
        Ok(self.current.clone())
    }

    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
        let mut keys = [&self.current].into_iter().chain(&self.older);
        Ok(keys.find(|key| key.id() == *id).cloned())
    }
}
