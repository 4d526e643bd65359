//! A stored value of any type.

use std::sync::Arc;

use uuid::Uuid;

use crate::clock::Timestamp;

/// A stored value of which only the schema is known. Shown as JSON by `Display`.
///
/// | value | JSON |
/// |---|---|
/// | whole numbers up to 2^53, floating-point numbers | a number |
/// | larger ones, and what is no number to JSON (`NaN`, `inf`) | a string |
/// | text, a `char`, UUIDs, ULIDs, decimals | a string |
/// | moments and days | a string such as `2023-11-14T22:13:20.123456Z`, `2023-11-14` |
/// | bytes | a string of hexadecimal digits |
/// | bytes of a meaning that this program does not know | `{"point":"01ff"}` |
/// | none | `null`; a value that is there is shown itself |
/// | lists, arrays, tuples | an array |
/// | structs, and maps whose keys are scalars or variants without fields | an object |
/// | other maps | an array of pairs |
/// | a variant | its name; with fields `{"wrapped":{"paper":"blue"}}` |
/// | a sealed box of personal data | `{"sealed":108,"key":"3f.."}`: its bytes, and the id of its data key |
/// | personal data that was shredded | `"[shredded]"` |
/// | a payload without a schema | `{"opaque":"6c656e74"}` |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DynamicValue {
    /// No value. One that is there is itself: of an option in an option it is not said which is none.
    None,
    /// `true` or `false`.
    Bool(bool),
    /// A number of a type without a sign.
    Unsigned(u128),
    /// A number of a type with a sign.
    Signed(i128),
    /// A floating-point number of 32 bits.
    Single(f32),
    /// A floating-point number of 64 bits.
    Double(f64),
    /// Text; also a `char`, a decimal and a ULID, as they are written.
    Text(String),
    /// A UUID.
    Uuid(Uuid),
    /// A moment.
    Moment(Timestamp),
    /// Days since 1970-01-01.
    Day(i32),
    /// Lists and arrays of `u8`.
    Bytes(Vec<u8>),
    /// Bytes whose meaning this program does not know, or that cannot have it; and how the schema
    /// calls it.
    Named(Arc<str>, Vec<u8>),
    /// A list, an array or a tuple.
    List(Vec<Self>),
    /// Pairs sorted by their first, which has no parts. A map whose keys have parts is a list of
    /// lists of two.
    Map(Vec<(Self, Self)>),
    /// A struct: the fields of an event.
    Struct(Vec<(Arc<str>, Self)>),
    /// One variant of an enum, and its fields.
    Variant(Arc<str>, Vec<(Arc<str>, Self)>),
    /// A sealed box of personal data, as it lies there.
    Sealed(Vec<u8>),
    /// Personal data whose key was destroyed.
    Shredded,
    /// A payload without a schema.
    Opaque(Vec<u8>),
}

impl DynamicValue {
    /// The field of this name, of a struct or variant.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let (Self::Struct(fields) | Self::Variant(_, fields)) = self else {
            return None;
        };
        let mut fields = fields.iter();
        let (_, value) = fields.find(|(field, _)| &**field == name)?;
        Some(value)
    }
}
