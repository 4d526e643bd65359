//! Whether a commit may be written, decided on everything that was laid before it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::definition::Definition;
use crate::event::NewEvent;
use crate::index::Index;
use crate::position::Version;
use crate::store::append::{AppendError, NewCommit, StreamAppend};
use crate::store::expected::VersionConflict;
use crate::store::names::{Names, SharedNames};
use crate::stream::{Key, StreamId};

/// A commit that may be written, with numbers for its names.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) streams: Vec<AdmittedStream>,
    /// Names that the log does not know yet.
    pub(super) definitions: Vec<Definition>,
}

/// One stream of an admitted commit.
#[derive(Debug)]
pub(super) struct AdmittedStream {
    pub(super) category: u32,
    /// The version of its first event.
    pub(super) first_version: Version,
    /// The number of each event's type.
    pub(super) types: Vec<u32>,
}

/// Admits commits one after another; what is admitted and laid is the ground for the next.
#[derive(Debug)]
pub(super) struct Admission<'a> {
    shared_names: &'a SharedNames,
    index: &'a Index,
    /// The names of now; only this thread adds to them.
    names: Arc<Names>,
    /// Versions of the streams that this group has laid events for.
    laid: HashMap<(u32, Key), Version>,
}

impl<'a> Admission<'a> {
    pub(super) fn new(names: &'a SharedNames, index: &'a Index) -> Self {
        Self {
            shared_names: names,
            index,
            names: names.get(),
            laid: HashMap::new(),
        }
    }

    /// Checks a commit and gives its names numbers. Names that are new stay unknown until they are
    /// [defined](Self::define): what refuses the commit afterwards leaves nothing of it behind.
    pub(super) fn admit(&self, commit: &NewCommit) -> Result<Admitted, AppendError> {
        check_size(commit)?;
        let mut naming = self.naming();
        let mut streams = Vec::with_capacity(commit.streams.len());
        // What the commit itself puts before, looked up: a commit may have a million streams.
        let mut before: HashMap<&StreamId, u64> = HashMap::new();
        for append in &commit.streams {
            let own = before.get(&append.stream).copied().unwrap_or(0);
            let actual = self.version(&append.stream, own)?;
            if !append.expected.accepts(actual) {
                return Err(AppendError::Conflict(VersionConflict {
                    stream: append.stream.clone(),
                    expected: append.expected,
                    actual,
                }));
            }
            streams.push(AdmittedStream {
                category: naming.category(&append.stream)?,
                first_version: actual.next(),
                types: naming.types(&append.events)?,
            });
            if commit.streams.len() > 1 {
                *before.entry(&append.stream).or_default() += append.events.len() as u64;
            }
        }
        let definitions = naming.definitions;
        Ok(Admitted {
            streams,
            definitions,
        })
    }

    /// Begins to give names numbers.
    pub(super) fn naming(&self) -> Naming {
        Naming {
            names: Arc::clone(&self.names),
            definitions: Vec::new(),
        }
    }

    /// Makes new names known; they must reach the log from here on.
    pub(super) fn define(&mut self, definitions: &[Definition]) {
        let defined = self.shared_names.define(definitions);
        debug_assert_eq!(
            defined,
            Ok(()),
            "only this thread defines, and it looked before"
        );
        self.names = self.shared_names.get();
    }

    /// Remembers that an admitted commit was laid.
    pub(super) fn laid(&mut self, commit: &NewCommit, admitted: &Admitted) {
        for (append, stream) in commit.streams.iter().zip(&admitted.streams) {
            let count = append.events.len() as u64;
            let version = Version::new(stream.first_version.get() - 1).plus(count);
            self.laid
                .insert((stream.category, append.stream.key().clone()), version);
        }
    }

    /// The version of a stream, with what the group and the commit itself (`own` events) put
    /// before it.
    fn version(&self, stream: &StreamId, own: u64) -> Result<Version, AppendError> {
        let Some((category, known)) = self.names.category_id(stream.category().as_str()) else {
            return Ok(Version::new(own));
        };
        let given = stream.key().as_ref().kind();
        if given != known {
            return Err(AppendError::KeyKind {
                stream: stream.clone(),
                known,
                given,
            });
        }
        let version = match self.laid.get(&(category, stream.key().clone())) {
            Some(version) => *version,
            None => self.index.version(category, stream.key().as_ref())?,
        };
        Ok(version.plus(own))
    }
}

/// Gives names their numbers: those they have, or the next ones, on a copy that nobody else sees.
#[derive(Debug)]
pub(super) struct Naming {
    /// Copied when the first name is new, which is rare.
    names: Arc<Names>,
    /// What is new.
    pub(super) definitions: Vec<Definition>,
}

impl Naming {
    fn category(&mut self, stream: &StreamId) -> Result<u32, AppendError> {
        let name = stream.category().as_str();
        let given = stream.key().as_ref().kind();
        match self.names.category_id(name) {
            Some((id, known)) if known == given => Ok(id),
            Some((_, known)) => Err(AppendError::KeyKind {
                stream: stream.clone(),
                known,
                given,
            }),
            None => {
                self.add(self.names.new_category(name, given));
                Ok(self.names.category_id(name).map_or(u32::MAX, |(id, _)| id))
            }
        }
    }

    fn types(&mut self, events: &[NewEvent]) -> Result<Vec<u32>, AppendError> {
        let mut types = Vec::with_capacity(events.len());
        for event in events {
            let id = self.type_id(event.type_name.as_str())?;
            self.schema(id, event.revision, OPAQUE);
            types.push(id);
        }
        Ok(types)
    }

    /// The number of a type.
    pub(super) fn type_id(&mut self, name: &str) -> Result<u32, AppendError> {
        let known = self.names.type_id(name);
        let known = known.map_err(|clash| AppendError::HashClash {
            known: clash.known,
            new: name.to_owned(),
        })?;
        if let Some(id) = known {
            return Ok(id);
        }
        self.add(self.names.new_type(name));
        Ok(self.names.type_id(name).ok().flatten().unwrap_or(u32::MAX))
    }

    /// Gives a revision its schema, unless it has one.
    pub(super) fn schema(&mut self, type_id: u32, revision: u16, text: &str) {
        if self.names.schema(type_id, revision).is_none() {
            self.add(Definition::Schema {
                type_id,
                revision,
                text: text.to_owned(),
            });
        }
    }

    fn add(&mut self, definition: Definition) {
        let added = Arc::make_mut(&mut self.names).define(&definition);
        debug_assert_eq!(added, Ok(()), "it was looked up before");
        self.definitions.push(definition);
    }
}

/// What stands for the layout of payloads that were appended without one.
pub(crate) const OPAQUE: &str = "opaque";

fn check_size(commit: &NewCommit) -> Result<(), AppendError> {
    let has_events = |append: &StreamAppend| !append.events.is_empty();
    if commit.streams.is_empty() || !commit.streams.iter().all(has_events) {
        return Err(AppendError::Empty);
    }
    Ok(())
}
