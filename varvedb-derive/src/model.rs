//! What the macros know after reading their input: nouns without syntax.

mod event;
mod id;
mod record;
mod stored_name;

pub(crate) use self::event::{Event, Variant};
pub(crate) use self::id::Id;
pub(crate) use self::record::{Field, Record};
pub(crate) use self::stored_name::{Category, StoredName};
