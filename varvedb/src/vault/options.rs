//! How a key vault is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::keeper::RootKeeper;
use super::master::MasterKeys;

/// Where the key vault is, and who gives its master key.
///
/// The directory lies beside that of the store, never in it: whoever backs up the store must not back up
/// the keys with it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "options that say no more than yes or no"
)]
pub struct VaultOptions {
    pub(super) dir: PathBuf,
    pub(super) second: PathBuf,
    pub(super) masters: Arc<dyn MasterKeys>,
    pub(super) keeper: Option<Arc<dyn RootKeeper>>,
    pub(super) strict_media: bool,
    pub(super) allow_colocated: bool,
    pub(super) replace_lost: bool,
    pub(super) adopt: bool,
    pub(super) cached_keys: usize,
    pub(super) cache_for: Duration,
}

impl VaultOptions {
    /// The vault in this directory, wrapped by this master key or one that this provider gives.
    pub fn new(dir: impl AsRef<Path>, masters: impl MasterKeys + 'static) -> Self {
        Self {
            dir: dir.as_ref().to_owned(),
            second: dir.as_ref().to_owned(),
            masters: Arc::new(masters),
            keeper: None,
            strict_media: false,
            allow_colocated: false,
            replace_lost: false,
            adopt: false,
            cached_keys: 1024,
            cache_for: Duration::from_secs(5 * 60),
        }
    }

    /// Keeps the second replica in another directory, best on another disk.
    #[must_use]
    pub fn second_replica(mut self, dir: impl AsRef<Path>) -> Self {
        dir.as_ref().clone_into(&mut self.second);
        self
    }

    /// Refuses a medium that does not surely overwrite in place, unless the root is held elsewhere.
    #[must_use]
    pub fn strict_media(mut self) -> Self {
        self.strict_media = true;
        self
    }

    /// Allows the vault to lie in the store's own directory, where every backup of the store takes its
    /// keys along, so that what is shredded later can be read from it. For tests and trials.
    #[must_use]
    pub fn allow_colocated(mut self) -> Self {
        self.allow_colocated = true;
        self
    }

    /// Holds the root elsewhere, so that it can be destroyed whatever the vault's own medium keeps.
    #[must_use]
    pub fn root_keeper(mut self, keeper: impl RootKeeper + 'static) -> Self {
        self.keeper = Some(Arc::new(keeper));
        self
    }

    /// How many data keys are kept in memory; 1,024 unless something else is said.
    #[must_use]
    pub fn cached_keys(mut self, keys: usize) -> Self {
        self.cached_keys = keys;
        self
    }

    /// How long a data key is kept in memory; five minutes unless something else is said.
    #[must_use]
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.cache_for = time;
        self
    }

    /// The vault is gone for good: makes a new one where there is none. What was sealed before stays
    /// unreadable, and reading it is an error, since nobody shredded it.
    #[must_use]
    pub fn replace_lost(mut self) -> Self {
        self.replace_lost = true;
        self
    }

    /// The vault belongs to the store that is opened from now on, whichever it was of.
    #[must_use]
    pub fn adopt(mut self) -> Self {
        self.adopt = true;
        self
    }

    /// Where the first replica and the lock are.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}
