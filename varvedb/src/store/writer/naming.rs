//! Numbers for names, on a copy that nobody else sees until the names are defined.

use std::sync::Arc;

use crate::definition::Definition;
use crate::index::StreamName;
use crate::store::append::AppendError;
use crate::store::names::Names;
use crate::store::unwritten::{EventType, StreamAppend, Unwritten};
use crate::stream::StreamId;

/// Gives names their numbers: those they have, or the next ones, on a copy that nobody else sees.
#[derive(Debug)]
pub(super) struct Naming {
    /// Copied when the first name is new, which is rare.
    pub(super) names: Arc<Names>,
    /// What is new.
    pub(super) definitions: Vec<Definition>,
}

impl Naming {
    pub(super) fn new(names: Arc<Names>) -> Self {
        Self {
            names,
            definitions: Vec::new(),
        }
    }

    /// Gives every name of the commit its number that has none yet.
    pub(super) fn number(&mut self, commit: &mut Unwritten) -> Result<(), AppendError> {
        for append in &mut commit.streams {
            if append.name.is_none() {
                append.name = Some(self.stream(append)?);
            }
        }
        for kind in &mut commit.types {
            if kind.number.is_none() {
                kind.number = Some(self.event_type(kind)?);
            }
        }
        Ok(())
    }

    /// The number of a stream's category, if keys of its kind belong there.
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

    fn stream(&mut self, append: &StreamAppend) -> Result<StreamName, AppendError> {
        let category = self.category(&append.stream)?;
        Ok(StreamName::new(category, append.stream.key().as_ref())?)
    }

    fn event_type(&mut self, kind: &EventType) -> Result<u32, AppendError> {
        let number = self.type_id(kind.name.as_str())?;
        self.schema(number, kind.revision, kind.layout());
        Ok(number)
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
