//! Every sentence that the macros can say.
//!
//! Each says what is wrong and what to write instead; the place is for the caller, who points at
//! the smallest token that is wrong.

use std::fmt::Display;

use crate::model::{Category, Event};

// Settings.

/// The known key that is at most two letters away from what was written.
pub(crate) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|key| (distance(key, written), *key))
        .filter(|(distance, key)| *distance <= 2 && *distance < key.len())
        .min()
        .map(|(_, key)| key)
}

pub(crate) fn unknown_key(written: &str, meant: Option<&str>, known: &[&str]) -> String {
    match meant {
        Some(key) => format!("unknown key `{written}`; did you mean `{key}`?"),
        None => format!(
            "unknown key `{written}`; expected one of: {}",
            known.join(", ")
        ),
    }
}

pub(crate) fn key_twice(key: &str) -> String {
    format!("`{key}` is given twice")
}

pub(crate) fn empty_varve(known: &[&str]) -> String {
    format!(
        "`#[varve]` says nothing here: give it a setting, as in `#[varve({} = ..)]`, or leave it out",
        known.first().unwrap_or(&"name")
    )
}

pub(crate) fn takes_text(key: &str) -> String {
    format!("`{key}` takes text in quotes: `{key} = \"..\"`")
}

pub(crate) fn takes_number(key: &str) -> String {
    format!("`{key}` takes a number: `{key} = 1`")
}

pub(crate) fn takes_path(key: &str) -> String {
    format!("`{key}` takes a path: `{key} = ::path::to::it`")
}

pub(crate) fn takes_type(key: &str) -> String {
    format!("`{key}` takes a type: `{key} = Name`")
}

pub(crate) fn takes_nothing(key: &str) -> String {
    format!("`{key}` takes no value")
}

pub(crate) fn mark_takes_nothing(mark: &str) -> String {
    format!("`#[{mark}]` takes no arguments")
}

pub(crate) fn mark_twice(mark: &str) -> String {
    format!("`#[{mark}]` is given twice")
}

// Names.

pub(crate) fn malformed_category() -> String {
    format!(
        "a stream's name is 1 to {} of a-z, 0-9 and `_`, a letter first",
        Category::MAX_BYTES
    )
}

pub(crate) const MALFORMED_NAME: &str = "a stored name is made of a-z, 0-9 and `_`";

pub(crate) fn unstorable_ident(name: &str) -> String {
    format!(
        "`{name}` cannot be a stored name, which is made of a-z, 0-9 and `_`; give it one with \
         `#[varve(name = \"..\")]`"
    )
}

pub(crate) fn long_type_name(name: &str) -> String {
    format!(
        "the stored name `{name}` has {} bytes, at most {} are stored; give the variant a shorter \
         one with `#[varve(name = \"..\")]`",
        name.len(),
        Event::MAX_TYPE_NAME_BYTES
    )
}

pub(crate) fn long_field_name(bytes: usize, max: usize) -> String {
    format!(
        "this name has {bytes} bytes, at most {max} are stored; give a shorter one with \
         `#[varve(name = \"..\")]`"
    )
}

pub(crate) fn same_stored_name(what: &str, name: &str) -> String {
    format!("two {what} are stored as `{name}`")
}

// Events.

pub(crate) const EVENT_ON_STRUCT: &str = "`VarveEvent` is for enums, one variant per kind of \
     event; a struct used inside an event derives `VarveValue`";
pub(crate) const EVENT_ON_UNION: &str = "`VarveEvent` is for enums, one variant per kind of event";
pub(crate) const GENERIC_EVENT: &str =
    "an event cannot be generic: what is stored has one fixed layout";
pub(crate) const BORROWING_EVENT: &str = "an event cannot borrow: it outlives the program that \
     stores it; use `String` or `Vec<_>` in its fields";
pub(crate) const EMPTY_EVENT: &str = "an event needs at least one variant";
pub(crate) const NO_STREAM: &str = "which stream do these events belong to? add \
     `#[varve(stream = \"..\")]`; it is part of every stored name";
pub(crate) const DISCRIMINANT: &str = "discriminants are not stored: events are known by name";
pub(crate) const REVISION_ZERO: &str = "revisions count from 1";

pub(crate) fn two_stream_ids(variant: &impl Display) -> String {
    format!("`{variant}` has two `#[stream_id]` fields; an event belongs to one stream")
}

pub(crate) fn missing_stream_id(variant: &impl Display, other: &impl Display) -> String {
    format!(
        "`{variant}` has no `#[stream_id]`, but `{other}` has: either every variant names its \
         stream, or none does and the aggregate supplies the id"
    )
}

pub(crate) fn view_name_taken(view: &impl Display) -> String {
    format!("the view of this variant would be called `{view}`, which is the enum of all views")
}

// Fields.

pub(crate) fn tuple_fields(owner: &impl Display) -> String {
    format!("stored fields need names: write `{owner} {{ .. }}`")
}

pub(crate) const REFERENCE_FIELD: &str =
    "events own their data: use `String` or `Vec<_>` instead of a reference";
pub(crate) const PII_ON_ID: &str = "a stream id is stored in the clear, as the stream's key, so \
     it cannot be `#[pii]`; use an id that says nothing about the person";
pub(crate) const NAMED_STREAM_ID: &str =
    "a stream id is not stored in the payload, so it has no stored name";

// What is understood but not built yet.

pub(crate) const PII_UNSUPPORTED: &str =
    "`#[pii]` is not supported by this version: the field would be stored in the clear";
pub(crate) const REVISION_UNSUPPORTED: &str = "revisions other than 1 are not supported yet: add \
     a variant with the new shape instead of changing this one";

pub(crate) fn evolution_unsupported(key: &str) -> String {
    format!("revisions other than 1 are not supported yet: `{key}` has no effect in this version")
}

// Ids.

pub(crate) const ID_SHAPE: &str =
    "an id is a struct that wraps one value: `struct AccountId(Uuid);`";
pub(crate) const ID_FIELDS: &str = "an id wraps exactly one value: `struct AccountId(Uuid);`";
pub(crate) const GENERIC_ID: &str = "an id cannot be generic: what is stored has one fixed layout";

/// The edits between two words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, of_a) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((substituted, inserted), of_b) in row.iter().zip(row.iter().skip(1)).zip(b.chars()) {
            let deleted = next.last().copied().unwrap_or_default() + 1;
            let substituted = substituted + usize::from(of_a != of_b);
            next.push(deleted.min(inserted + 1).min(substituted));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["stream", "crate", "name"];
        assert_eq!(nearest("steam", &known), Some("stream"));
        assert_eq!(nearest("strema", &known), Some("stream"));
        assert_eq!(nearest("nmae", &known), Some("name"));
        assert_eq!(nearest("colour", &known), None);
    }
}
