//! What the macros know after reading their input: nouns without syntax.

mod aggregate;
mod event;
mod id;
mod personal;
mod projection;
mod record;
mod revision;
mod snapshot;
mod stored_name;
mod value;
mod variant;

pub(crate) use self::aggregate::{Aggregate, Apply, Command, Definition, Parameter};
pub(crate) use self::event::{Event, view_prefix};
pub(crate) use self::id::Id;
pub(crate) use self::personal::{Personal, SealedBox, Shape as PiiShape};
pub(crate) use self::projection::{Argument, Home, On, Projection};
pub(crate) use self::record::{Field, Record, Since};
pub(crate) use self::revision::Revision;
pub(crate) use self::snapshot::Snapshot;
pub(crate) use self::stored_name::{Category, StoredName, is_name};
pub(crate) use self::value::{Shape, Value};
pub(crate) use self::variant::{History, Layout, Past, Variant};
