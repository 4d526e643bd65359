//! The key vault: data keys of persons, wrapped, in slots that are overwritten in place to shred them.
//!
//! Invariants:
//! - A slot lies in two replicas, `A` written and synced before `B`, so that one is whole at any moment.
//! - A slot that is erased in either replica is erased. A slot is never used again.
//! - Torn in both replicas is an error: neither a key nor a tombstone is ever guessed.
//! - Nothing of a key is in memory unless it is used, or was used a short while ago.

mod cache;
mod catalog;
mod creation;
mod derive;
mod disk;
mod erasure;
mod error;
mod field_reader;
mod header;
mod keeper;
mod ledger;
mod lock;
mod master;
mod media;
mod options;
mod place;
mod random;
mod recovery;
mod replicas;
mod root;
mod rotation;
mod sealed_box;
mod secret;
mod slot;
#[cfg(test)]
mod tests;
mod unlocked;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use uuid::Uuid;

use self::cache::Cache;
use self::catalog::Catalog;
pub(crate) use self::creation::DataKeys;
use self::disk::Replica;
pub(crate) use self::erasure::Erased;
pub use self::error::VaultError;
use self::header::Header;
pub use self::keeper::{KeeperError, RootId, RootKeeper, RootKey};
pub use self::ledger::Ledger;
use self::lock::Epoch;
#[cfg(feature = "keyring")]
pub use self::master::OsKeyring;
pub use self::master::{KeyRing, MasterKey, MasterKeyError, MasterKeyId, MasterKeys};
pub use self::media::Media;
pub use self::options::VaultOptions;
use self::recovery::FirstPage;
use self::replicas::Replicas;
use self::root::{RootRecord, Roots, Stage};
pub use self::rotation::RollProgress;
use self::secret::Secret;
use self::slot::{SlotOwner, State};
use self::unlocked::Unlocked;
use crate::clock::{Clock, SystemClock};
use crate::error::StorageError;
use crate::pii::{BoxContext, KeyId, OpenBoxes, Pii, PiiError, PlainBox, Subject};

/// A reading process may look at a slot while it is being written.
const TRIES: u32 = 20;

/// An open vault. Clones are the same one; its lock is given back with the last.
#[derive(Clone, Debug)]
pub(crate) struct Vault(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: VaultOptions,
    id: Uuid,
    replicas: Replicas,
    epoch: Epoch,
    media: Media,
    unlocked: RwLock<Arc<Unlocked>>,
    catalog: RwLock<Catalog>,
    /// Of a reading process: the epoch that the catalog is of.
    seen: Mutex<u64>,
    cache: Mutex<Cache>,
    /// Held by whoever changes the vault; what failed, if something did.
    change: Mutex<Option<StorageError>>,
    /// Owners who wait for keys, for whoever changes the vault next.
    waiting: Mutex<Vec<SlotOwner>>,
}

/// What the vault says of a data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Its boxes can be opened.
    Live,
    /// It was shredded.
    Erased,
    /// Nothing is known of it.
    Unknown,
}

/// A data key as it was found.
enum Found {
    Live(Arc<Secret>),
    Erased,
    Unknown,
}

impl Vault {
    /// The vault of this store for the one process that writes; it is recovered, or made if there is none
    /// and that is allowed.
    pub(crate) fn open(
        options: &VaultOptions,
        store: Uuid,
        store_dir: &Path,
        may_create: bool,
    ) -> Result<Self, VaultError> {
        let may_create = may_create || options.replace_lost;
        place::enter(options, store_dir, may_create)?;
        let epoch = Epoch::lock(options.dir())?;
        let replicas = place::open(options, true, may_create)?;
        let vault = Self::recover(options, replicas, epoch, store, may_create)?;
        vault.0.check_media()?;
        Ok(vault)
    }

    /// The vault of this store for a process that only reads. It takes no lock and changes nothing.
    pub(crate) fn open_read_only(
        options: &VaultOptions,
        store: Uuid,
        store_dir: &Path,
    ) -> Result<Self, VaultError> {
        place::enter(options, store_dir, false)?;
        let replicas = place::open(options, false, false)?;
        let epoch = Epoch::reader(options.dir());
        let seen = epoch.now()?;
        let page = again(|| recovery::first_page(&replicas))?;
        let page = page.ok_or_else(|| missing(&replicas))?;
        check_store(&page.header, store, &replicas, options)?;
        let unlocked = Unlocked::open(&page, options)?;
        let catalog = again(|| whole_catalog(&replicas))?;
        Ok(Self(Arc::new(Inner {
            id: page.header.vault,
            replicas,
            epoch,
            media: Media::Unknown,
            unlocked: RwLock::new(Arc::new(unlocked)),
            catalog: RwLock::new(catalog),
            seen: Mutex::new(seen),
            cache: Mutex::new(Cache::new(options.cached_keys, options.cache_for)),
            change: Mutex::default(),
            waiting: Mutex::default(),
            options: options.clone(),
        })))
    }

    fn recover(
        options: &VaultOptions,
        replicas: Replicas,
        epoch: Epoch,
        store: Uuid,
        may_create: bool,
    ) -> Result<Self, VaultError> {
        // What a killed process wrote may not be durable yet. Before anything is written here it must be,
        // or a power cut could tear the same sector in both.
        replicas.sync(Replica::A)?;
        replicas.sync(Replica::B)?;
        let page = match recovery::first_page(&replicas)? {
            Some(page) => page,
            None if may_create => create(&replicas, options, store)?,
            None => return Err(missing(&replicas)),
        };
        let is_ours = check_store(&page.header, store, &replicas, options)?;
        let unlocked = Unlocked::open(&page, options)?;
        let mut catalog = Catalog::default();
        let mending = recovery::slots(&replicas, 0, &mut catalog)?;
        page.mend(&replicas)?;
        mending.apply(&replicas)?;
        if !is_ours {
            adopt(&page.header, store, &replicas)?;
        }
        let vault = Self(Arc::new(Inner {
            id: page.header.vault,
            media: replicas.media()?,
            replicas,
            epoch,
            unlocked: RwLock::new(Arc::new(unlocked)),
            catalog: RwLock::new(catalog),
            seen: Mutex::default(),
            cache: Mutex::new(Cache::new(options.cached_keys, options.cache_for)),
            change: Mutex::default(),
            waiting: Mutex::default(),
            options: options.clone(),
        }));
        vault.0.finish()?;
        Ok(vault)
    }

    /// Which vault it is.
    pub(crate) fn vault_id(&self) -> Uuid {
        self.0.id
    }

    /// What is known of a data key. In a writing process it is one look-up; a reading one looks at the
    /// files first, as far as it can.
    pub(crate) fn key_state(&self, key: &KeyId) -> KeyState {
        if self.0.epoch.is_reader() {
            drop(self.0.catch_up(key));
        }
        self.0.state_of(key)
    }

    /// All data keys of a subject, whatever the purpose, in the order in which they were made.
    pub(crate) fn subject_keys(&self, subject: &Subject) -> Vec<(KeyId, KeyState)> {
        let owner = self.0.owner(subject, "");
        let catalog = self.0.catalog();
        let entries = catalog.of_subject(owner.subject_tag);
        let keys = entries.filter(|entry| entry.key_id != slot::NO_KEY);
        keys.map(|entry| (entry.key_id, state(entry.state)))
            .collect()
    }

    /// By what a field is looked up: equal values give equal bytes.
    pub(crate) fn blind(&self, field: &str, value: &[u8]) -> [u8; 16] {
        derive::blind(&self.0.unlocked().index_secret, field, value)
    }

    /// Wipes the data keys in memory.
    pub(crate) fn forget_cached(&self) {
        lock(&self.0.cache).clear();
    }
}

impl OpenBoxes for Vault {
    fn open(&self, sealed: &[u8], context: &BoxContext) -> Result<Pii<PlainBox>, PiiError> {
        let key = sealed_box::key_of(sealed, context.kind)?;
        let found = self.0.find(&key).map_err(|error| PiiError::Vault {
            what: error.to_string(),
        })?;
        match found {
            Found::Live(secret) => sealed_box::open(sealed, &secret, context).map(Pii::Known),
            Found::Erased => Ok(Pii::Shredded),
            Found::Unknown => Err(PiiError::UnknownKey { key }),
        }
    }
}

impl Inner {
    /// Whoever has this may change the vault; nobody may after something failed.
    fn change(&self) -> Result<Change<'_>, VaultError> {
        if self.epoch.is_reader() {
            return Err(VaultError::ReadOnly);
        }
        let failure = lock(&self.change);
        match &*failure {
            Some(cause) => Err(StorageError::poisoned(cause).into()),
            None => Ok(Change { failure }),
        }
    }

    /// Finishes what was interrupted.
    fn finish(&self) -> Result<(), VaultError> {
        let mut change = self.change()?;
        self.finish_rotation(&mut change)?;
        match self.finish_roll(&mut change, &mut |_| {}) {
            // It is finished when the keeper is back; until then everything can be read and made.
            Err(error @ VaultError::Keeper { .. }) => {
                tracing::warn!(%error, "the root's roll is not finished");
                Ok(())
            }
            finished => finished.map(drop),
        }
    }

    /// The data key with this id.
    fn find(&self, key: &KeyId) -> Result<Found, VaultError> {
        let epoch = if self.epoch.is_reader() {
            self.catch_up(key)?
        } else {
            self.epoch.now()?
        };
        let index = match self.catalog().by_key(key) {
            None => return Ok(Found::Unknown),
            Some(entry) if entry.state == State::Live => entry.index,
            Some(_) => return Ok(Found::Erased),
        };
        if let Some(secret) = lock(&self.cache).get(key, epoch) {
            return Ok(Found::Live(secret));
        }
        let Some(secret) = self.read_key(key, index)? else {
            return Ok(Found::Erased);
        };
        lock(&self.cache).put(*key, Arc::clone(&secret), epoch);
        Ok(Found::Live(secret))
    }

    /// Unwraps a key from its slot; `None` if it has been erased meanwhile. Between the look at the slot and the look
    /// at the roots a roll may have come, so it is looked again.
    fn read_key(&self, key: &KeyId, index: u32) -> Result<Option<Arc<Secret>>, VaultError> {
        again(|| self.try_to_read_key(key, index))
    }

    fn try_to_read_key(&self, key: &KeyId, index: u32) -> Result<Option<Arc<Secret>>, VaultError> {
        let corrupt = || VaultError::corrupt(&self.replicas, index);
        let slot = self.read_slot(index)?.ok_or_else(corrupt)?;
        if slot.state != State::Live {
            return Ok(None);
        }
        if slot.key_id != *key {
            return Err(corrupt());
        }
        let mut unlocked = self.unlocked();
        if unlocked.root(slot.root_epoch).is_none() && self.epoch.is_reader() {
            unlocked = self.unlock_again()?;
        }
        let root = unlocked.root(slot.root_epoch).ok_or_else(corrupt)?;
        let secret = slot.unwrap_key(index, root).map_err(|_| corrupt())?;
        Ok(Some(Arc::new(secret)))
    }

    fn read_slot(&self, index: u32) -> Result<Option<slot::Slot>, VaultError> {
        let a = self.replicas.read_slot(Replica::A, index)?;
        let b = self.replicas.read_slot(Replica::B, index)?;
        let settled = replicas::settle(&a, &b);
        let settled = settled.ok_or_else(|| VaultError::corrupt(&self.replicas, index))?;
        Ok(settled.slot)
    }

    /// Of a reading process: the roots after they were rolled by the writing one.
    fn unlock_again(&self) -> Result<Arc<Unlocked>, VaultError> {
        let page = again(|| recovery::first_page(&self.replicas))?;
        let page = page.ok_or_else(|| missing(&self.replicas))?;
        let unlocked = Arc::new(Unlocked::open(&page, &self.options)?);
        *write(&self.unlocked) = Arc::clone(&unlocked);
        Ok(unlocked)
    }

    /// Of a reading process: reads what was shredded and made since, and gives the epoch of what it knows.
    fn catch_up(&self, key: &KeyId) -> Result<u64, VaultError> {
        let epoch = self.epoch.now()?; // before the slots are read: what is shredded later is seen next time
        let mut seen = lock(&self.seen);
        if *seen != epoch {
            let catalog = again(|| whole_catalog(&self.replicas))?;
            *write(&self.catalog) = catalog;
            *seen = epoch;
        } else if self.state_of(key) == KeyState::Unknown {
            let first = u32::try_from(self.catalog().next_index()).unwrap_or(u32::MAX);
            again(|| recovery::slots(&self.replicas, first, &mut write(&self.catalog)))?;
        }
        Ok(epoch)
    }

    fn state_of(&self, key: &KeyId) -> KeyState {
        let catalog = self.catalog();
        let entry = catalog.by_key(key);
        entry.map_or(KeyState::Unknown, |entry| state(entry.state))
    }

    fn owner(&self, subject: &Subject, purpose: &str) -> SlotOwner {
        let unlocked = self.unlocked();
        SlotOwner {
            tag: derive::tag(&unlocked.index_secret, subject, purpose),
            subject_tag: derive::subject_tag(&unlocked.index_secret, subject),
        }
    }

    fn check_media(&self) -> Result<(), VaultError> {
        if !self.options.strict_media || self.options.keeper.is_some() {
            return Ok(());
        }
        for at in Replica::BOTH {
            let media = self.replicas.media_of(at)?;
            if media != Media::InPlaceVerified {
                let path = self.replicas.path(at).to_owned();
                return Err(VaultError::MediaRefused { path, media });
            }
        }
        Ok(())
    }

    fn unlocked(&self) -> Arc<Unlocked> {
        let unlocked = self.unlocked.read();
        Arc::clone(&unlocked.unwrap_or_else(PoisonError::into_inner))
    }

    fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to change the vault.
#[derive(Debug)]
struct Change<'a> {
    failure: MutexGuard<'a, Option<StorageError>>,
}

impl Change<'_> {
    /// What was written, and failed, leaves the files in a state that only recovery can tell.
    fn checked<T>(&mut self, result: Result<T, StorageError>) -> Result<T, VaultError> {
        result.map_err(|error| {
            *self.failure = Some(error.clone());
            error.into()
        })
    }
}

/// A new vault in files without one: `A` before `B`, so that an unfinished one is known by a blank `B`.
fn create(
    replicas: &Replicas,
    options: &VaultOptions,
    store: Uuid,
) -> Result<FirstPage, VaultError> {
    let header = Header {
        vault: Uuid::from_bytes(random::array()?),
        store,
        created: SystemClock.now(),
        is_external: options.keeper.is_some(),
    };
    let root = match &options.keeper {
        Some(keeper) => {
            keeper.create(RootId {
                vault: header.vault,
                epoch: 0,
            })?;
            Secret::empty()
        }
        None => Secret::generate()?,
    };
    let index_secret = Secret::generate()?;
    let roots = Roots { root, index_secret };
    let master = options.masters.current()?;
    let record = RootRecord::wrap(Stage::Current, 0, header.vault, &master, &roots)?;
    // First nothing, so that a header never meets the root record of an earlier attempt.
    let [first, second] = recovery::ROOT_AT.map(|at| (at, vec![0; header::SECTOR]));
    replicas.write_both(&[(0, vec![0; header::SECTOR]), first, second])?;
    let [first, _] = recovery::ROOT_AT;
    let record = (first, record.to_bytes().to_vec());
    replicas.write_both(&[(0, header.to_bytes().to_vec()), record])?;
    recovery::first_page(replicas)?.ok_or_else(|| missing(replicas))
}

/// Whether the vault is of this store; an error unless it is, or is to be from now on.
fn check_store(
    header: &Header,
    store: Uuid,
    replicas: &Replicas,
    options: &VaultOptions,
) -> Result<bool, VaultError> {
    if header.store == store {
        return Ok(true);
    }
    if options.adopt {
        return Ok(false);
    }
    Err(VaultError::OtherStore {
        path: replicas.path(Replica::A).to_owned(),
        found: header.store,
    })
}

fn adopt(header: &Header, store: Uuid, replicas: &Replicas) -> Result<(), StorageError> {
    let header = Header {
        store,
        ..header.clone()
    };
    replicas.write_both(&[(0, header.to_bytes().to_vec())])
}

fn missing(replicas: &Replicas) -> VaultError {
    VaultError::Missing {
        path: replicas.path(Replica::A).to_owned(),
    }
}

fn whole_catalog(replicas: &Replicas) -> Result<Catalog, VaultError> {
    let mut catalog = Catalog::default();
    recovery::slots(replicas, 0, &mut catalog)?;
    Ok(catalog)
}

/// Reads, and reads again if it came upon bytes that were just being written.
fn again<T>(mut read: impl FnMut() -> Result<T, VaultError>) -> Result<T, VaultError> {
    for _ in 1..TRIES {
        match read() {
            Err(VaultError::Corrupt { .. } | VaultError::Damaged { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            result => return result,
        }
    }
    read()
}

fn state(state: State) -> KeyState {
    match state {
        State::Live => KeyState::Live,
        State::Erased => KeyState::Erased,
        State::Enrolment => KeyState::Unknown,
    }
}

/// No thread leaves what these guard half done: a panic of one is no reason for the others to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
