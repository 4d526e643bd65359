//! What a shred has done, for whoever has to show it.

use std::fmt;

use crate::pii::Subject;
use crate::position::Position;
use crate::vault::Media;

/// The receipt of a shred: what was destroyed, where, and what the file system makes of it.
///
/// It shows as a text for the file of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says what was destroyed"]
pub struct ShredReceipt {
    /// Who was shredded.
    pub subject: Subject,
    /// For which purpose; for all of them if `None`.
    pub purpose: Option<String>,
    /// Data keys that this call destroyed; 0 if it had been done before.
    pub keys_erased: usize,
    /// Data keys of this subject and purpose that are destroyed now, by this call and those before.
    pub keys_gone: usize,
    /// In how many replicas of the vault they were overwritten.
    pub replicas: u8,
    /// What the file system does when bytes are overwritten.
    pub media: Media,
    /// Whether the root key was replaced as well, so that copies of the vault's files that were made before are
    /// useless.
    pub root_rolled: bool,
    /// Where the [`SubjectShredded`](super::SubjectShredded) event lies.
    pub position: Position,
    /// Snapshots that held boxes of the subject and were removed.
    pub snapshots_removed: u64,
    /// Rows of read models out of which boxes of the subject were taken.
    pub rows_cleared: u64,
}

impl fmt::Display for ShredReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            keys_erased,
            keys_gone,
            replicas,
            media,
            position,
            ..
        } = self;
        match &self.purpose {
            Some(purpose) => writeln!(f, "{subject} was shredded for the purpose `{purpose}`.")?,
            None => writeln!(f, "{subject} was shredded for all purposes.")?,
        }
        writeln!(
            f,
            "  data keys      {keys_erased} destroyed now, {keys_gone} in all"
        )?;
        writeln!(f, "  replicas       {replicas} overwritten and flushed")?;
        writeln!(f, "  media          {media:?}")?;
        writeln!(
            f,
            "  root key       {}",
            if self.root_rolled { "replaced" } else { "kept" }
        )?;
        writeln!(f, "  written down   position {position}")?;
        writeln!(f, "  snapshots      {} removed", self.snapshots_removed)?;
        write!(f, "  rows           {} cleared", self.rows_cleared)
    }
}
