//! Why an index cannot be opened.

use uuid::Uuid;

use crate::error::StorageError;

/// Why an index cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    /// There is none. Only an index that is opened to read says so; the other kind makes one.
    #[error("there is no index")]
    Missing,
    /// It was derived from the log of another store.
    #[error("the index belongs to store {found}, not to {expected}")]
    Foreign { expected: Uuid, found: Uuid },
    /// It was written in another format.
    #[error("the index has format {found}, this version of varvedb has {expected}")]
    Format { expected: u32, found: u32 },
    /// Its bytes are not what was written.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// This process has it open already.
    #[error("the index is already open in this process, use a clone of the store that has it")]
    AlreadyOpen,
    /// Something else failed: no permission, no space, no files left to open.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl IndexError {
    /// Whether deleting the index and building it anew from the log helps.
    pub(crate) fn asks_for_rebuild(&self) -> bool {
        match self {
            Self::Missing | Self::Foreign { .. } | Self::Format { .. } | Self::Damaged(_) => true,
            Self::AlreadyOpen | Self::Storage(_) => false,
        }
    }
}
