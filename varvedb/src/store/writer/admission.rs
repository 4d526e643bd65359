//! Whether a commit may be written, decided on everything that was laid before it.

use std::sync::Arc;

use super::heads::Heads;
use super::naming::Naming;
use crate::error::StorageError;
use crate::index::StreamName;
use crate::position::Version;
use crate::store::append::AppendError;
use crate::store::expected::VersionConflict;
use crate::store::names::{Names, SharedNames};
use crate::store::unwritten::{StreamAppend, Unwritten};

/// Types for which memory is kept from commit to commit.
const KEPT: usize = 4096;

/// Admits commits one after another; what is admitted and laid is the ground for the next.
#[derive(Debug)]
pub(super) struct Admission {
    heads: Heads,
    /// The names of now; only the writer thread adds to them.
    names: Arc<Names>,
    /// The numbers of the types of the commit at hand. Kept from commit to commit for its memory.
    pub(super) types: Vec<u32>,
}

impl Admission {
    pub(super) fn new(names: Arc<Names>, heads: Heads) -> Self {
        Self {
            heads,
            names,
            types: Vec::new(),
        }
    }

    /// Begins a group: the index knows all that was laid before.
    pub(super) fn begin(&mut self) {
        self.heads.begin();
    }

    /// Looks at the streams of commits that are going to be admitted.
    pub(super) fn look_ahead<'a>(&self, commits: impl Iterator<Item = &'a mut Unwritten>) {
        self.heads.look_ahead(commits);
    }

    /// Checks a commit, says in it which versions its events get, and gives its names numbers.
    /// Names that are new stay unknown until they are
    /// [defined](Self::define): what refuses the commit afterwards leaves nothing of it behind.
    pub(super) fn admit(&mut self, commit: &mut Unwritten) -> Result<Option<Naming>, AppendError> {
        self.forget_last();
        let mut naming = (!commit.is_numbered()).then(|| self.naming());
        if let Some(naming) = &mut naming {
            naming.number(commit)?;
        }
        let numbers = commit.types.iter().filter_map(|kind| kind.number);
        self.types.extend(numbers);
        for append in &mut commit.streams {
            let name = append.name.as_ref().ok_or_else(unnamed)?;
            append.first_version = self.version(name, append)?.next();
            self.heads.advance(name, append.last_version());
        }
        Ok(naming)
    }

    /// Begins to give names numbers.
    pub(super) fn naming(&self) -> Naming {
        Naming::new(Arc::clone(&self.names))
    }

    /// Makes new names known; they must reach the log from here on.
    pub(super) fn define(&mut self, shared: &SharedNames, names: Arc<Names>) {
        shared.replace(Arc::clone(&names));
        self.names = names;
    }

    /// Remembers that the commit which was admitted has been laid.
    pub(super) fn laid(&mut self) {
        self.heads.laid();
    }

    /// Forgets the commit before, and gives back what a very large one needed.
    fn forget_last(&mut self) {
        self.heads.begin_commit();
        self.types.clear();
        self.types.shrink_to(KEPT);
    }

    /// The version that a stream has now, if it is the one that was expected.
    fn version(&self, name: &StreamName, append: &StreamAppend) -> Result<Version, AppendError> {
        let actual = self.heads.version(name, append)?;
        if append.expected.accepts(actual) {
            return Ok(actual);
        }
        Err(AppendError::Conflict(VersionConflict {
            stream: append.stream.clone(),
            expected: append.expected,
            actual,
        }))
    }
}

/// What `Naming` has numbered has a name.
fn unnamed() -> StorageError {
    StorageError::index("name the stream in the index", "its category has no number")
}
