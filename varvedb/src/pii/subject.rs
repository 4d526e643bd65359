//! Data subjects: the persons that data is about.

use std::fmt;

use crate::stream::{Key, NameError, StreamId, StreamKey};

/// A person that data is about: a kind, such as `person`, and an id that says nothing about the person.
///
/// It stands in the clear in errors, logs and `SubjectShredded` events, for
/// good: an e-mail address or a name is no id of a subject.
///
/// ```
/// use varvedb::Subject;
///
/// let person = Subject::new("person", 4711)?;
/// assert_eq!(person.to_string(), "person-4711");
/// # Ok::<_, varvedb::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(StreamId);

impl Subject {
    /// The subject of this kind with this key; both are named like [streams](StreamId).
    pub fn new(kind: impl AsRef<str>, key: impl Into<Key>) -> Result<Self, NameError> {
        StreamId::new(kind, key).map(Self)
    }

    /// The subject that an id names.
    pub fn of<I: SubjectKey>(id: &I) -> Result<Self, NameError> {
        Self::new(I::KIND, id.to_key()?)
    }

    /// Which kind of person it is.
    pub fn kind(&self) -> &str {
        self.0.category().as_str()
    }

    /// Which person of that kind.
    pub fn key(&self) -> &Key {
        self.0.key()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An id that names a data subject: `#[derive(VarveId)]` with `#[varve(subject = "person")]`.
///
/// The kind is stored, hashed, with every data key: who changes it no longer finds the person's keys.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a person",
    label = "personal data needs to know whom it is about",
    note = "say of the id what kind of person it names: `#[derive(VarveId, Clone, Debug, PartialEq)] #[varve(subject = \"person\")] struct PersonId(u64);`"
)]
pub trait SubjectKey: StreamKey {
    /// Which kind of person, such as `person`: named like a [category](crate::Category).
    const KIND: &'static str;
}
