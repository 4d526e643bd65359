//! Master keys in the operating system's keyring.

use std::fmt;

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{MasterKey, MasterKeyError, MasterKeyId, MasterKeys};

const FOREIGN: &str = "what it holds is not what was put there";

/// Master keys that the operating system keeps: the macOS keychain, the Windows credential manager, the Secret
/// Service of a Linux desktop, or the kernel's keyring.
///
/// The application chooses which: it calls `keyring_core::set_default_store` once, with the store of one of
/// that crate's companions, before the first key is asked for.
///
/// The current key lies under the account's name, older ones under the name and their id.
///
/// ```
/// use varvedb::{MasterKey, MasterKeys, OsKeyring};
/// # keyring_core::set_default_store(keyring_core::mock::Store::new().unwrap());
///
/// let keyring = OsKeyring::new("orders", "master key");
/// keyring.put(&MasterKey::generate()?)?; // once
/// let key = keyring.current()?;
///
/// keyring.put(&MasterKey::generate()?)?; // before a rotation
/// assert!(keyring.by_id(&key.id())?.is_some());
/// # Ok::<_, varvedb::MasterKeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OsKeyring {
    service: String,
    account: String,
}

impl OsKeyring {
    /// Keys under these names in the keyring.
    pub fn new(service: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            account: account.into(),
        }
    }

    /// Makes a key the current one. The one that was current until now is kept, as an older one.
    pub fn put(&self, key: &MasterKey) -> Result<(), MasterKeyError> {
        if let Some(older) = self.read(&self.account)? {
            self.write(&self.account_of(&older.id()), &older)?;
        }
        self.write(&self.account, key)
    }

    fn read(&self, account: &str) -> Result<Option<MasterKey>, MasterKeyError> {
        match self.entry(account)?.get_secret().map(Zeroizing::new) {
            Ok(bytes) => {
                let key = MasterKey::try_from(bytes.as_slice());
                key.map(Some).map_err(|_| self.error(account, FOREIGN))
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.failed(account, error)),
        }
    }

    fn write(&self, account: &str, key: &MasterKey) -> Result<(), MasterKeyError> {
        let written = self.entry(account)?.set_secret(key.bytes());
        written.map_err(|error| self.failed(account, error))
    }

    fn entry(&self, account: &str) -> Result<Entry, MasterKeyError> {
        Entry::new(&self.service, account).map_err(|error| self.failed(account, error))
    }

    fn account_of(&self, id: &MasterKeyId) -> String {
        format!("{}/{id}", self.account)
    }

    fn failed(&self, account: &str, error: Error) -> MasterKeyError {
        // These hold what the keyring gave, which may be the key.
        match error {
            Error::BadEncoding(_) => self.error(account, "what it holds is no text"),
            Error::BadDataFormat(..) => self.error(account, FOREIGN),
            error => self.error(account, error),
        }
    }

    fn error(&self, account: &str, what: impl fmt::Display) -> MasterKeyError {
        MasterKeyError::provider(format_args!(
            "`{account}` of `{}` in the keyring: {what}",
            self.service
        ))
    }
}

impl MasterKeys for OsKeyring {
    fn current(&self) -> Result<MasterKey, MasterKeyError> {
        let key = self.read(&self.account)?;
        key.ok_or_else(|| self.failed(&self.account, Error::NoEntry))
    }

    fn by_id(&self, id: &MasterKeyId) -> Result<Option<MasterKey>, MasterKeyError> {
        match self.read(&self.account)? {
            Some(current) if current.id() == *id => Ok(Some(current)),
            _ => {
                let account = self.account_of(id);
                match self.read(&account)? {
                    Some(key) if key.id() != *id => Err(self.error(&account, FOREIGN)),
                    found => Ok(found),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Once;

    use super::*;

    /// One store for all, which are tested at the same time.
    fn keyring(account: &str) -> OsKeyring {
        static STORE: Once = Once::new();
        STORE.call_once(|| {
            keyring_core::set_default_store(keyring_core::mock::Store::new().unwrap());
        });
        OsKeyring::new("orders", account)
    }

    #[test]
    fn the_key_that_was_put_last_is_current_and_the_others_are_found_by_their_ids() {
        let keyring = keyring("rotated");
        let keys = [(); 3].map(|()| MasterKey::generate().unwrap());
        for key in &keys {
            keyring.put(key).unwrap();
        }
        assert_eq!(keyring.current().unwrap().id(), keys[2].id());
        for key in &keys {
            let found = keyring.by_id(&key.id()).unwrap().unwrap();
            assert_eq!(found.id(), key.id());
        }
        let unknown = MasterKey::generate().unwrap().id();
        assert!(keyring.by_id(&unknown).unwrap().is_none());
    }

    #[test]
    fn what_somebody_else_has_put_there_is_an_error_that_says_where() {
        let keyring = keyring("foreign");
        let (key, other) = (
            MasterKey::generate().unwrap(),
            MasterKey::generate().unwrap(),
        );
        let under_its_id = keyring.account_of(&key.id());
        keyring.write(&under_its_id, &other).unwrap();
        let refused = keyring.by_id(&key.id()).unwrap_err().to_string();
        assert!(
            refused.contains(&under_its_id) && refused.contains(FOREIGN),
            "{refused}"
        );
        keyring
            .entry("foreign")
            .unwrap()
            .set_secret(b"short")
            .unwrap();
        let refused = keyring.current().unwrap_err().to_string();
        assert!(refused.contains("`foreign` of `orders`"), "{refused}");
    }

    #[test]
    fn a_keyring_without_a_key_says_where_it_looked() {
        let refused = keyring("empty").current().unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("`empty` of `orders`"), "{said}");
    }
}
