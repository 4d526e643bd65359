//! Records: the named fields of one event or value.

use syn::{Attribute, Ident, Type};

use super::StoredName;

/// Named fields, in the order in which they are written.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) fields: Vec<Field>,
}

/// One field.
pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) name: StoredName,
    /// The id of the stream is the stream's key; it is not stored a second time in the payload.
    pub(crate) is_stream_id: bool,
    /// Whether the type names the one it stands in: `children: Vec<Tree>`. A bound on it would ask
    /// for the very impl that asks.
    pub(crate) is_recursive: bool,
}

impl Record {
    /// The fields that are in the payload.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_stream_id)
    }

    /// The field that names the stream.
    pub(crate) fn stream_id(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.is_stream_id)
    }

    /// Whether its view would borrow nothing, so that its lifetime needs a marker.
    pub(crate) fn borrows_nothing(&self) -> bool {
        self.stored().next().is_none()
    }
}
