//! Why personal data could not be read.

use super::sealing::KeyId;

/// Why a sealed box could not be opened. None of these says that anybody was erased: that is
/// [`Pii::Shredded`](super::Pii::Shredded), which only the tombstone of a data key can say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PiiError {
    /// The store was opened without its key vault.
    #[error(
        "personal data is sealed, and the store was opened without its key vault; \
         name it: `Store::options().vault(..)`"
    )]
    NoVault,
    /// The vault has no key with this id, nor the tombstone of one.
    #[error(
        "the key vault does not know data key {key}: it is an older copy, or of another store; \
         put the right one back"
    )]
    UnknownKey {
        /// The data key's id.
        key: KeyId,
    },
    /// The box, or the event around it, is not what was sealed; or the key is not the right one.
    #[error(
        "a sealed box is not what was sealed under data key {key}: its bytes, or what it lies in, were changed"
    )]
    Tampered {
        /// The data key's id.
        key: KeyId,
    },
    /// These bytes are no sealed box.
    #[error("not a sealed box: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The vault could not be read.
    #[error("could not read the key vault: {what}")]
    Vault {
        /// What failed.
        what: String,
    },
}
