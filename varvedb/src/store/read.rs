//! Reading recorded events: a stream, a category, or the whole log.
//!
//! Events are handed to a visitor, borrowed from where they lie, so that nothing is copied. Places
//! are looked up in portions: memory does not grow with the number of events, and no transaction
//! of the index stays open while a visitor works.

mod ahead;
mod log;
mod recorded;
mod stream;

pub use self::log::ReadLog;
pub(super) use self::log::visit_frames;
pub use self::recorded::RecordedEventBuf;
pub(super) use self::recorded::recorded;
pub use self::stream::ReadStream;
use crate::error::StorageError;

/// How many places are looked up at a time.
const PORTION: usize = 1024;

/// Why events could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The disk or the store failed, or bytes are not what was written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ReadError> for StorageError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Storage(error) => error,
        }
    }
}
