//! What is kept beside the log, states of aggregates and rows of read models: in the clear, or with what is
//! personal in boxes before it.
//!
//! ```text
//! u16 boxes | u16 0 | u32 length of each | the boxes | the rest, an archive at any address
//! ```
//!
//! A box of length 0 was shredded. So boxes are taken out of a row by whoever does not know its type.

mod reading;
mod writing;

use std::marker::PhantomData;

pub use self::reading::Reading;
use self::reading::StoredParts;
pub use self::writing::Writing;
use super::field::{EncodeError, Field};
use super::personal::Owners;
use super::schema::Schema;
use super::value::{decode_value, encode_value};
use crate::pii::{KeyId, PiiError, Subject, SubjectKey};
use crate::stream::NameError;

/// A type that can be a row of a table, or the state in a snapshot: any field of an event, or a struct with
/// `#[derive(VarveValue)]` that has `#[pii]` fields.
pub trait Stored: Sized + 'static {
    /// Whether some of it is about the one whom an aggregate's id names.
    const NEEDS_OWNER: bool = false;

    /// The layout.
    fn layout() -> Schema;
    /// Whose personal data is in it. `own` is whom the aggregate's id names.
    fn owners(&self, own: Option<&Subject>, owners: &mut Owners) -> Result<(), NameError> {
        let _ = (own, owners);
        Ok(())
    }
    /// Writes it behind `out`.
    fn write(&self, writing: &mut Writing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads it, wherever the bytes lie.
    fn read(bytes: &[u8], reading: &Reading<'_>) -> Result<Self, StoredError>;
}

/// What can be a row of a table: it is nobody's own, so that personal data in it names whom it is about.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a row of a table",
    label = "not a row",
    note = "for your own type, add `#[derive(VarveValue)]` to it",
    note = "personal data in a row, `Pii<_>`, is a field of a struct that says whom it is about: `#[pii(subject = person)] name: Pii<String>`, or for the whole struct `#[varve(subject = person)]`"
)]
pub trait Row: Stored {}

#[diagnostic::do_not_recommend]
impl<T: Field> Row for T {}

#[diagnostic::do_not_recommend]
impl<T: Field> Stored for T {
    fn layout() -> Schema {
        T::schema()
    }
    fn write(&self, _: &mut Writing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_value(self, out)
    }
    fn read(bytes: &[u8], _: &Reading<'_>) -> Result<Self, StoredError> {
        decode_value(bytes).map_err(StoredError::invalid)
    }
}

/// Why what was kept could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// The bytes are not of this layout.
    #[error("{0}")]
    Invalid(String),
    /// A box could not be opened.
    #[error(transparent)]
    Pii(#[from] PiiError),
}

impl StoredError {
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn invalid(error: EncodeError) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// `OwnProbe::<Id>::OWN` says how an id names a person, if it does.
#[derive(Debug)]
pub struct OwnProbe<I>(PhantomData<I>);

/// How an id names a person.
pub type Own<I> = fn(&I) -> Result<Subject, NameError>;

impl<I: SubjectKey> OwnProbe<I> {
    /// It does.
    pub const OWN: Option<Own<I>> = Some(Subject::of::<I>);
}

/// See [`OwnProbe`].
pub trait NoOwn<I> {
    /// It does not.
    const OWN: Option<Own<I>> = None;
}

impl<I> NoOwn<I> for OwnProbe<I> {}

/// A row without the boxes that are sealed under this key; `None` if it has none.
pub(crate) fn without_boxes(row: &[u8], key: &KeyId) -> Option<Vec<u8>> {
    let parts = StoredParts::split(row)?;
    let is_owned = |sealed: &[u8]| KeyId::of_box(sealed) == Some(*key);
    if !parts.boxes.iter().any(|sealed| is_owned(sealed)) {
        return None;
    }
    let boxes = parts.boxes.iter().map(|sealed| {
        let kept: &[u8] = if is_owned(sealed) { &[] } else { sealed };
        kept
    });
    let mut without = Vec::with_capacity(row.len());
    writing::put_boxes(&boxes.collect::<Vec<_>>(), &mut without);
    without.extend_from_slice(parts.rest);
    Some(without)
}
