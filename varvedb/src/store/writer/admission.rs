//! Whether a commit may be written, decided on everything that was laid before it.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::heads::Heads;
use super::naming::Naming;
use crate::index::StreamName;
use crate::position::Version;
use crate::store::append::{Admitted, AppendError, NewCommit, StreamAppend};
use crate::store::expected::VersionConflict;
use crate::store::names::{Names, SharedNames};

/// Streams and types for which memory is kept from commit to commit.
const KEPT: usize = 4096;

/// Admits commits one after another; what is admitted and laid is the ground for the next.
#[derive(Debug)]
pub(super) struct Admission {
    heads: Heads,
    /// The names of now; only the writer thread adds to them.
    names: Arc<Names>,
    /// Of the commit at hand: the numbers of its types, and the names of its streams. Kept from
    /// commit to commit for their memory.
    pub(super) types: Vec<u32>,
    streams: Vec<StreamName>,
    /// The versions that its own earlier streams come to, if it has several.
    within: HashMap<StreamName, Version, RandomState>,
}

impl Admission {
    pub(super) fn new(names: Arc<Names>, heads: Heads) -> Self {
        Self {
            heads,
            names,
            types: Vec::new(),
            streams: Vec::new(),
            within: HashMap::default(),
        }
    }

    /// Begins a group: the index knows all that was laid before.
    pub(super) fn begin(&mut self) {
        self.heads.forget_oldest();
    }

    /// Checks a commit, says in it which versions its events get, and gives its names numbers.
    /// Names that are new stay unknown until they are
    /// [defined](Self::define): what refuses the commit afterwards leaves nothing of it behind.
    pub(super) fn admit(&mut self, commit: &mut NewCommit) -> Result<Naming, AppendError> {
        commit.check()?;
        let mut naming = self.naming();
        self.forget_last();
        let is_single = commit.streams.len() == 1;
        for append in &mut commit.streams {
            append.admitted = self.admit_stream(append, &mut naming)?;
            if let (false, Some(name)) = (is_single, self.streams.last()) {
                self.within.insert(name.clone(), append.last_version());
            }
        }
        naming.types(&commit.types, &mut self.types)?;
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

    /// Remembers that the commit admitted last was laid.
    pub(super) fn laid(&mut self, commit: &NewCommit) {
        for (append, name) in commit.streams.iter().zip(self.streams.drain(..)) {
            self.heads.laid(name, append.last_version());
        }
    }

    /// Forgets the commit before, and gives back what a very large one needed.
    fn forget_last(&mut self) {
        self.streams.clear();
        self.streams.shrink_to(KEPT);
        self.within.clear();
        self.within.shrink_to(KEPT);
        self.types.shrink_to(KEPT);
    }

    fn admit_stream(
        &mut self,
        append: &StreamAppend,
        naming: &mut Naming,
    ) -> Result<Admitted, AppendError> {
        let StreamAppend {
            stream, expected, ..
        } = append;
        let category = naming.category(stream)?;
        let name = StreamName::new(category, stream.key().as_ref())?;
        let actual = match self.within.get(&name) {
            Some(version) => *version,
            None => self.heads.version(&name)?,
        };
        if !expected.accepts(actual) {
            return Err(AppendError::Conflict(VersionConflict {
                stream: stream.clone(),
                expected: *expected,
                actual,
            }));
        }
        self.streams.push(name);
        Ok(Admitted {
            category,
            first_version: actual.next(),
        })
    }
}
