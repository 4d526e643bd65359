//! Variants of events and values.

use syn::{Attribute, Ident};

use super::{Record, StoredName};

/// One kind of event, or one form of a value.
pub(crate) struct Variant {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) name: StoredName,
    pub(crate) record: Record,
}
