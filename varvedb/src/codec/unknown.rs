//! What a reader does with events that the program does not know.

use super::event::DecodeError;

/// What becomes of an event whose type or revision this program does not know, because a newer one wrote it.
///
/// Each reader decides for itself; whoever decides nothing gets an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It is an error.
    #[default]
    Error,
    /// It is passed over and counted.
    Skip,
}

impl DecodeError {
    /// Whether a newer program may know the event: its type or its revision is unknown here, but nothing is wrong
    /// with it as far as this program can tell.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::Foreign { .. })
    }
}
