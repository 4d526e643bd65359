//! What a store writes down about data subjects, as events like any other.

use uuid::Uuid;
use varvedb_derive::{VarveEvent, VarveValue};

use crate::codec::Event;
use crate::error::StorageError;
use crate::event::{NewEvent, TypeName};
use crate::pii::{KeyId, Subject, SubjectKey};
use crate::store::append::AppendError;
use crate::store::expected::ExpectedVersion;
use crate::store::unwritten::Unwritten;
use crate::stream::{Key, NameError, StreamId};

/// What happened to the personal data of somebody. The store itself writes these, in their order among all
/// other events; projections and aggregates handle them like others.
///
/// ```
/// use varvedb::prelude::*;
/// use varvedb::privacy::SubjectShredded;
/// # use std::collections::BTreeMap;
///
/// #[derive(VarveId, Clone, Debug, PartialEq)]
/// #[varve(subject = "person")]
/// struct PersonId(u64);
///
/// #[derive(Default)]
/// struct Letters { drafts: BTreeMap<u64, String> }
///
/// #[projection(name = "letters")]
/// impl Letters {
///     #[on]
///     fn forget(&mut self, event: SubjectShredded<'_>) {
///         if let Some(PersonId(person)) = event.id::<PersonId>() {
///             self.drafts.remove(&person);
///         }
///     }
/// }
/// ```
#[derive(VarveEvent, Clone, Debug, PartialEq, Eq)]
#[varve(stream = "varve_subject")]
pub enum SubjectEvent {
    /// The data keys of a person were destroyed: what was sealed under them can be read no more.
    Shredded {
        /// Who.
        subject: StoredSubject,
        /// For which purpose; for all of them if `None`.
        purpose: Option<String>,
        /// Why, in the words of who asked for it.
        reason: String,
        /// The ids of the data keys that are gone.
        keys: Vec<Uuid>,
    },
    /// A person who was shredded may have new data. What was shredded stays so.
    Reenrolled {
        /// Who.
        subject: StoredSubject,
        /// For which purpose; for all of them if `None`.
        purpose: Option<String>,
        /// Why, in the words of who asked for it.
        reason: String,
    },
}

/// A [`Subject`] as it is stored.
#[derive(VarveValue, Clone, Debug, PartialEq, Eq)]
pub struct StoredSubject {
    /// The kind, such as `person`.
    pub kind: String,
    /// The key.
    pub key: StoredKey,
}

/// A [`Key`] as it is stored.
#[derive(VarveValue, Clone, Debug, PartialEq, Eq)]
pub enum StoredKey {
    /// A number.
    Number {
        /// The number.
        value: u64,
    },
    /// A UUID.
    Uuid {
        /// The UUID.
        value: Uuid,
    },
    /// Text.
    Text {
        /// The text.
        value: String,
    },
}

impl SubjectShredded<'_> {
    /// Who was shredded.
    pub fn subject(&self) -> Result<Subject, NameError> {
        subject(&self.subject)
    }

    /// The id of who was shredded, if it is a person of this kind.
    pub fn id<I: SubjectKey>(&self) -> Option<I> {
        id(&self.subject)
    }

    /// The ids of the data keys that are gone.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(|key| KeyId(key.into_bytes()))
    }
}

impl SubjectReenrolled<'_> {
    /// Who was enrolled again.
    pub fn subject(&self) -> Result<Subject, NameError> {
        subject(&self.subject)
    }

    /// The id of who was enrolled again, if it is a person of this kind.
    pub fn id<I: SubjectKey>(&self) -> Option<I> {
        id(&self.subject)
    }
}

impl From<&Subject> for StoredSubject {
    fn from(subject: &Subject) -> Self {
        let kind = subject.kind().to_owned();
        let key = match subject.key() {
            Key::Number(value) => StoredKey::Number { value: *value },
            Key::Uuid(value) => StoredKey::Uuid { value: *value },
            Key::Text(value) => StoredKey::Text {
                value: value.to_string(),
            },
        };
        Self { kind, key }
    }
}

fn subject(stored: &StoredSubjectView<'_>) -> Result<Subject, NameError> {
    Subject::new(stored.kind, key(&stored.key))
}

fn id<I: SubjectKey>(stored: &StoredSubjectView<'_>) -> Option<I> {
    let key = key(&stored.key);
    (stored.kind == I::KIND).then(|| I::from_key(key.as_ref()))?
}

fn key(stored: &StoredKeyView<'_>) -> Key {
    match stored {
        StoredKeyView::Number { value } => Key::Number(*value),
        StoredKeyView::Uuid { value } => Key::Uuid(*value),
        StoredKeyView::Text { value } => Key::Text((*value).into()),
    }
}

impl SubjectEvent {
    /// The one stream of a store that these events are in.
    pub(super) fn stream() -> Result<StreamId, NameError> {
        StreamId::new(Self::CATEGORY, 1)
    }

    /// A commit of this event, which brings its layout along.
    pub(in crate::store) fn commit(&self) -> Result<Box<Unwritten>, AppendError> {
        let failed =
            |what: String| StorageError::index("write down what became of a data subject", what);
        let stream = Self::stream().map_err(|error| failed(error.to_string()))?;
        let mut commit = Unwritten::of_the_store();
        commit.begin(stream, ExpectedVersion::Any);
        let schema = Self::schemas().get(self.schema_index());
        let schema = schema.ok_or_else(|| failed("it has no schema".to_owned()))?;
        let mut payload = Vec::new();
        let encoded = self.encode(&mut payload);
        encoded.map_err(|error| failed(error.to_string()))?;
        let name = TypeName::new(schema.name).map_err(|error| failed(error.to_string()))?;
        let event = NewEvent::new(name, payload).with_revision(schema.current_revision());
        let layout = schema.revisions.last().map(|layout| layout.text());
        commit.push_imported(event, &layout.unwrap_or_default().into())?;
        Ok(commit)
    }
}
