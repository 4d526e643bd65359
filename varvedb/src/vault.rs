//! The key vault: data keys, and the boxes that they seal.

mod keeper;
mod master;
mod media;

pub use self::keeper::{KeeperError, RootKeeper, RootKey};
#[cfg(feature = "keyring")]
pub use self::master::OsKeyring;
pub use self::master::{KeyRing, MasterKey, MasterKeyError, MasterKeyId, MasterKeys};
pub use self::media::{Media, MediaProbe};
