//! Personal data: the type that holds it, whom it is about, and how boxes are sealed and opened.
//!
//! The ground floor knows what is said about personal data, not how it is encrypted: that is the vault's.

mod error;
mod fenced;
mod field;
mod made_up;
mod plain;
mod sealing;
mod subject;

use std::fmt;

pub use self::error::PiiError;
pub use self::fenced::Fenced;
pub use self::field::{LayoutFn, PiiField};
pub(crate) use self::made_up::{MadeUpKeys, made_up_box};
pub(crate) use self::plain::PlainBox;
pub use self::sealing::KeyId;
pub(crate) use self::sealing::{
    BoxContext, BoxKind, BoxOwner, KeptContext, OpenBoxes, SealBoxes, SealError,
};
pub use self::subject::{Subject, SubjectKey};

/// A personal datum: known, or shredded together with the data key of the person it is about.
///
/// In events, aggregates and rows such a field is marked `#[pii]`. It is stored in a sealed box, under a data
/// key of that person and that purpose; when the key is gone, it reads as [`Pii::Shredded`]. What cannot be
/// read for any other reason, such as a missing key vault or changed bytes, is an error and never `Shredded`.
///
/// `Debug` shows nothing of it. There is no `Display`, `Deref`, `Hash`, `Ord` or serialization: whoever wants
/// the datum says so, and says what is to be done without it.
///
/// ```
/// use varvedb::Pii;
///
/// let owner: Pii<String> = "Ada".into();
/// assert_eq!(owner.str_or("[deleted]"), "Ada");
/// assert_eq!(format!("{owner:?}"), "Pii(•••)");
/// assert_eq!(Pii::<String>::Shredded.str_or("[deleted]"), "[deleted]");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Pii<T> {
    /// It is there.
    Known(T),
    /// It was there, until its data key was destroyed.
    Shredded,
}

impl<T> Pii<T> {
    /// The datum, if it is there.
    pub fn get(&self) -> Option<&T> {
        self.as_ref().known()
    }

    /// The datum itself, if it is there.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(datum) => Some(datum),
            Self::Shredded => None,
        }
    }

    /// The datum, or something in its place.
    pub fn or(self, fallback: T) -> T {
        self.known().unwrap_or(fallback)
    }

    /// Whether it was shredded.
    pub fn is_shredded(&self) -> bool {
        matches!(self, Self::Shredded)
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> Pii<&T> {
        match self {
            Self::Known(datum) => Pii::Known(datum),
            Self::Shredded => Pii::Shredded,
        }
    }

    /// Another datum made of this one. What was shredded stays so.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Pii<U> {
        match self {
            Self::Known(datum) => Pii::Known(make(datum)),
            Self::Shredded => Pii::Shredded,
        }
    }
}

impl<T: AsRef<str>> Pii<T> {
    /// The text, or another in its place.
    pub fn str_or<'a>(&'a self, fallback: &'a str) -> &'a str {
        self.get().map_or(fallback, AsRef::as_ref)
    }
}

impl<T> From<T> for Pii<T> {
    fn from(datum: T) -> Self {
        Self::Known(datum)
    }
}

impl From<&str> for Pii<String> {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "Pii(•••)",
            Self::Shredded => "Pii(shredded)",
        })
    }
}
