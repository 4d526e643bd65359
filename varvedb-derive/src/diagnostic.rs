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

/// Where a key belongs that `#[varve(..)]` takes somewhere else.
pub(crate) fn home_of(key: &str) -> Option<&'static str> {
    match key {
        "stream" | "retired" => Some("the enum of events"),
        "revision" | "history" | "alias" => Some("a variant of an event"),
        "since" => Some(
            "a field of an event: values and old layouts have no revisions, so keep the old one for the \
             `history(..)` of the events that hold it",
        ),
        "default" => Some("a field of an event, beside `since`"),
        "split" => Some("`history`: `history(split(OpenedV1))`"),
        _ => None,
    }
}

pub(crate) fn stray_key(key: &str, home: &str) -> String {
    format!("`{key}` belongs to {home}")
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

pub(crate) fn number_too_large(key: &str) -> String {
    format!("`{key}` takes a smaller number: it is kept in 64 bits")
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

pub(crate) fn takes_duration(key: &str) -> String {
    format!("`{key}` takes a whole number of `us`, `ms` or `s`: `{key} = \"5ms\"`")
}

pub(crate) fn no_time(key: &str) -> String {
    format!("every load takes longer than this: give `{key}` more time, as in `{key} = \"5ms\"`")
}

pub(crate) fn takes_paths(key: &str, example: &str) -> String {
    format!("`{key}` takes names in parentheses: `{key}({example})`")
}

pub(crate) fn takes_settings(key: &str, example: &str) -> String {
    format!("`{key}` takes settings in parentheses: `{key}({example})`")
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

pub(crate) fn malformed_projection() -> String {
    format!(
        "a projection's name is 1 to {} of a-z, 0-9 and `_`, a letter first",
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

pub(crate) fn name_taken(name: &str) -> String {
    format!("`{name}` is taken: a name, present, former or retired, is given once in an enum")
}

pub(crate) fn name_with_category(bare: &str) -> String {
    format!("the name of the stream is put before this by itself: write `\"{bare}\"`")
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

pub(crate) fn two_id_types(
    (variant, found): (&impl Display, &str),
    (first, expected): (&impl Display, &str),
) -> String {
    format!(
        "`{variant}` names its stream by `{found}`, but `{first}` does by `{expected}`: all events \
         of a stream carry the same id, so write the same type in every variant"
    )
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

// Personal data.

pub(crate) const SHREDDED_HANDLER: &str = "an aggregate has at most one handler of `SubjectShredded`: \
     `#[apply] fn forget(&mut self, event: SubjectShredded<'_>)`";

pub(crate) const PII_UNMARKED: &str = "a personal field is marked, so that every reader sees it: \
     write `#[pii]` before it";
pub(crate) const PII_TYPE: &str = "a `#[pii]` field is `Pii<_>`, `Option<Pii<_>>` or `Vec<Pii<_>>`, so that \
     every use says what is to be done when it is shredded: wrap the type in `Pii`";
pub(crate) const PII_INSIDE: &str = "`Pii` is not inside other types, but around what is sealed: `Pii<_>`, \
     `Option<Pii<_>>` or `Vec<Pii<_>>`, marked `#[pii]`";
pub(crate) const KEPT_FALLBACK: &str = "a fallback is for events: a state or a row says itself what it shows \
     instead, `name.str_or(\"..\")`";
pub(crate) const KEPT_LOOKUP: &str = "events are looked up, rows are found by their key: put `lookup` at the \
     field of the event";
pub(crate) const TOO_MANY_BOXES: &str = "this would be the 256th box: an event has at most 255, one for each person and purpose, and a state or a \
     row at most 255 personal fields; put what belongs together into one value, `Pii<Address>`";
pub(crate) const PII_IN_VALUE: &str = "a variant lies in other values and in events, where nobody knows whom it is about: \
     wrap the whole value where it is used, `#[pii] address: Pii<Address>`";
pub(crate) const FALLBACK_OF_SEVERAL: &str =
    "a fallback stands for one datum: it is for `Pii<_>` alone";
pub(crate) const LOOKUP_OF_SEVERAL: &str =
    "an event is looked up by one datum: `lookup` is for `Pii<_>` alone";
pub(crate) const SUBJECT_NO_FIELD: &str =
    "`subject` names a field of the same event: `subject = friend`";
pub(crate) const SUBJECT_IS_PERSONAL: &str = "who somebody is is stored in the clear, as the name of their \
     keys, so a subject cannot be personal data: use an id that says nothing about the person";
pub(crate) const NO_SUBJECT: &str = "personal data is about somebody: mark the id of the person `#[stream_id]`, or \
     name the field that has it, `#[pii(subject = person)]`, or for the whole enum, `#[varve(subject = person)]`";
pub(crate) const MALFORMED_PURPOSE: &str = "a purpose is 1 to 64 of `a-z`, `0-9` and `_`, a letter first, such \
     as `billing`";
pub(crate) const MALFORMED_SUBJECT_KIND: &str = "a kind of person is 1 to 64 of `a-z`, `0-9` and `_`, a letter \
     first, such as `person`";

pub(crate) fn no_such_subject(named: &impl Display, known: &[String]) -> String {
    if known.is_empty() {
        return format!("there is no field `{named}` to say whom this is about");
    }
    let known = known.join("`, `");
    format!("there is no field `{named}` to say whom this is about; there are `{known}`")
}

pub(crate) fn empty_pii(known: &[&str]) -> String {
    format!(
        "nothing is said: write `#[pii]`, or with settings: `{}`",
        known.join("`, `")
    )
}

// Revisions.

pub(crate) const REVISION_TOO_LARGE: &str = "a revision is at most 65535";
pub(crate) const SINCE_WITHOUT_DEFAULT: &str =
    "events stored before this revision lack the field: give `default = ..`";
pub(crate) const DEFAULT_WITHOUT_SINCE: &str = "a default is for events stored before there was \
     the field: say in which revision it came, `since = 2`";
pub(crate) const SINCE_FIRST: &str = "revision 1 is the first: a field that every stored event has \
     needs no `since`";
pub(crate) const SINCE_ON_STREAM_ID: &str =
    "every event has always had its stream, so a `#[stream_id]` has no `since`";
pub(crate) const SINCE_WITH_HISTORY: &str = "a variant with `history(..)` has its older layouts \
     there: leave `since` and `default` out, and make the field in the last `Upcast`";
pub(crate) const SPLIT: &str = "`split` takes the one layout that becomes several events: \
     `history(split(OpenedV1))`";
pub(crate) const HISTORY_WITHOUT_REVISION: &str = "`history(..)` lists the layouts before the \
     present one: say which revision that is, as in `revision = 2`";

pub(crate) fn takes_expression(key: &str) -> String {
    format!("`{key}` takes an expression: `{key} = \"EUR\"`")
}

pub(crate) fn takes_texts(key: &str) -> String {
    format!("`{key}` takes stored names in quotes: `{key}(\"..\", \"..\")`")
}

pub(crate) fn since_above_revision(variant: &impl Display, revision: u16, since: u16) -> String {
    format!(
        "the revision of `{variant}` is {revision}; raise it with `#[varve(revision = {since})]`"
    )
}

pub(crate) fn unexplained_revision(variant: &impl Display, revision: u16) -> String {
    format!(
        "nothing says what revision {revision} of `{variant}` changed: mark the new fields \
         `#[varve(since = {revision}, default = ..)]`, or list the older layouts in `history(..)`"
    )
}

pub(crate) fn history_count(revision: u16, found: usize) -> String {
    let needed = revision - 1;
    let layouts = if needed == 1 { "layout" } else { "layouts" };
    format!("revision {revision} needs {needed} older {layouts} in `history(..)`, found {found}")
}

pub(crate) fn retired_but_present(name: &str, variant: &impl Display) -> String {
    format!(
        "`{name}` is not retired: `{variant}` is stored under it; take the variant out, or the name"
    )
}

pub(crate) const REVISION_ON_ENUM: &str = "an old layout is a struct with the fields that the \
     variant had: `struct OpenedV1 { .. }`";
pub(crate) const REVISION_ON_UNION: &str = REVISION_ON_ENUM;
pub(crate) const GENERIC_REVISION: &str =
    "an old layout cannot be generic: what is stored has one fixed layout";

pub(crate) fn two_ids_of_layout(layout: &impl Display) -> String {
    format!("`{layout}` has two `#[stream_id]` fields; an event belongs to one stream")
}

// Values.

pub(crate) const VALUE_ON_UNION: &str = "a union cannot be stored: nobody could say what is in it";
pub(crate) const GENERIC_VALUE: &str =
    "a stored value cannot be generic: what is stored has one fixed layout";
pub(crate) const EMPTY_VALUE: &str = "a stored enum needs at least one variant";
pub(crate) const VALUE_DISCRIMINANT: &str =
    "discriminants are not stored: variants are known by their order and name";
pub(crate) const STREAM_ID_IN_VALUE: &str =
    "only an event names its stream: leave `#[stream_id]` out, the id is then an ordinary field";
pub(crate) const ENDLESS_VALUE: &str =
    "a stored struct cannot contain itself: its layout would have no end; let an enum do it";

pub(crate) const ENDLESS_VIEW: &str = "a stored enum contains itself inside a `Vec` or a \
     `BTreeMap`: anywhere else its view would have no end";

/// As many as one byte tells apart.
pub(crate) const MAX_VALUE_VARIANTS: usize = 256;

pub(crate) fn too_many_variants() -> String {
    format!("a stored enum has at most {MAX_VALUE_VARIANTS} variants")
}

// Ids.

pub(crate) const ID_SHAPE: &str =
    "an id is a struct that wraps one value: `struct AccountId(Uuid);`";
pub(crate) const ID_FIELDS: &str = "an id wraps exactly one value: `struct AccountId(Uuid);`";
pub(crate) const GENERIC_ID: &str = "an id cannot be generic: what is stored has one fixed layout";

// Blocks and methods.

pub(crate) fn not_a_block(attribute: &str, example: &str) -> String {
    format!(
        "`#[{attribute}]` goes on the block with the handlers: `#[{attribute}(..)] impl {example} {{ .. }}`"
    )
}

pub(crate) fn trait_block(attribute: &str, what: &str) -> String {
    format!("`#[{attribute}]` goes on the {what}'s own `impl` block, not on a trait's")
}

pub(crate) fn generic_block(what: &str) -> String {
    format!("{what} cannot be generic: it is known to the store by one name")
}

pub(crate) fn not_a_plain_type(what: &str) -> String {
    format!("{what} is a plain type: `impl Name {{ .. }}`")
}

pub(crate) fn asynchronous(what: &str) -> String {
    format!("{what} is not async: it works on what has been loaded")
}

pub(crate) fn unsafe_method(what: &str) -> String {
    format!("{what} cannot be unsafe: generated code calls it")
}

pub(crate) fn generic_method(what: &str) -> String {
    format!("{what} cannot be generic")
}

pub(crate) fn stray(mark: &str, home: &str) -> String {
    format!("`#[{mark}]` marks a method inside an `impl` block with `#[{home}]`")
}

// Event handlers.

pub(crate) const HANDLER: &str = "an event handler";
pub(crate) const HANDLER_WITHOUT_EVENT: &str =
    "an event handler takes the event: `e: AccountOpened<'_>`";
pub(crate) const VIEW_BY_REFERENCE: &str = "take the view by value: it already borrows";
pub(crate) const VIEW_BY_MUTABLE_REFERENCE: &str =
    "take the view by value: an event is a fact, there is nothing to change in it";
pub(crate) const VIEW_UNNAMED: &str =
    "name the view, such as `AccountOpened<'_>`: its type says which event this handles";

// Aggregates.

pub(crate) fn aggregate_needs(settings: &[&str]) -> String {
    format!("`#[aggregate]` needs `{}`", settings.join("` and `"))
}

pub(crate) const COMMAND_AND_APPLY: &str = "a method is a command or an event handler, not both";
pub(crate) const APPLY_ARGUMENT: &str = "say which variant: `#[apply(Variant)]`";
pub(crate) const APPLY_PARAMETERS: &str =
    "an event handler takes the event and, if it wants, `&Meta`";
pub(crate) const APPLY_RECEIVER: &str = "an event handler changes the state: take `&mut self` (or \
     no `self`, and return `Self`, for the event that creates it)";
pub(crate) const APPLY_RESULT: &str =
    "an event handler cannot fail and returns nothing: an event is a fact";
pub(crate) const APPLY_CREATES: &str =
    "a handler without `self` creates the state: return `Self`, or take `&mut self` to change it";

pub(crate) fn not_a_view_of(ty: &impl Display, event: &impl Display, prefix: &str) -> String {
    format!(
        "`{ty}` does not look like a view of `{event}` (they are called `{prefix}..`); if it is one \
         under another name, say which variant: `#[apply(Variant)]`"
    )
}

pub(crate) const SNAPSHOT_NEVER: &str = "when is a snapshot taken? say `every = 500`, \
     `after_replay = \"5ms\"` or `on(AccountClosed)`, or several of them";
pub(crate) const EVERY_ZERO: &str =
    "a snapshot is taken after one event at the earliest: `every = 1`";
pub(crate) const ON_NOTHING: &str = "after which events? name them: `on(AccountClosed)`";
pub(crate) const ON_PATH: &str = "name the event alone: `on(AccountClosed)`";

pub(crate) fn unknown_event(
    written: &str,
    event: &impl Display,
    meant: Option<&str>,
    known: &[String],
) -> String {
    match meant {
        Some(meant) => format!("`{event}` has no event `{written}`; did you mean `{meant}`?"),
        None => format!(
            "`{event}` has no event `{written}`; expected one of: {}",
            known.join(", ")
        ),
    }
}

pub(crate) fn handled_twice(variant: &impl Display) -> String {
    format!("`{variant}` already has a handler")
}

// Commands.

pub(crate) const COMMAND: &str = "a command";
pub(crate) const COMMAND_RECEIVER: &str =
    "a command decides, it does not change anything: take `&self` and return the events";
pub(crate) const COMMAND_PATTERN: &str =
    "a command's parameters become fields, so each needs a plain name";
pub(crate) const COMMAND_IMPL_TRAIT: &str =
    "a command's parameters become fields, so each needs a type with a name";

pub(crate) fn command_result(event: &impl Display) -> String {
    format!("a command returns `Result<{event}, _>`")
}

pub(crate) fn command_reference(command: &impl Display) -> String {
    format!("a command's parameters become fields of `{command}`: take an owned value")
}

pub(crate) fn hidden_command(name: &impl Display) -> String {
    format!("a command cannot be called `{name}`: `Root::{name}` would hide it")
}

// Projections.

pub(crate) const NO_PROJECTION_NAME: &str = "a projection needs a name, under which its position \
     is kept: `#[projection(name = \"..\")]`";
pub(crate) const RESUME_WITH_TABLES: &str = "a read model in the store's tables keeps its \
     checkpoint beside it: leave `resume` out";
pub(crate) const ON_PARAMETERS: &str =
    "an event handler takes the event and, if it wants, `&Meta` and `&mut Tables<'_>`";
pub(crate) const ON_RECEIVER_IN_MEMORY: &str = "a projection's handler takes `&mut self`; or \
     `&self` and `tables: &mut Tables<'_>`, to keep the read model in the store";
pub(crate) const ON_RECEIVER_WITH_TABLES: &str = "a projection with tables takes `&self` in every \
     handler: what it changes is in the tables, and a batch may be run again";
pub(crate) const EVENT_HANDLED_TWICE: &str = "this event already has a handler";

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
