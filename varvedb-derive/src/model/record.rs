//! Records: the named fields of one event or value.

use syn::{Attribute, Expr, Ident, LitInt, Type};

use super::{Personal, StoredName};

/// Named fields, in the order in which they are written.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) fields: Vec<Field>,
    /// The field that names the person whom personal fields are about, unless they say another.
    pub(crate) subject: Option<Ident>,
}

/// One field.
#[derive(Clone)]
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
    /// None for a field that was there from the first revision.
    pub(crate) since: Option<Since>,
    /// Of a field that is sealed.
    pub(crate) personal: Option<Personal>,
}

/// `#[varve(since = 2, default = "EUR")]`
#[derive(Clone)]
pub(crate) struct Since {
    pub(crate) revision: u16,
    /// The number in the user's code.
    pub(crate) literal: LitInt,
    /// What is shown of events stored before; none after a mistake, which has been reported.
    pub(crate) default: Option<Expr>,
}

impl Record {
    /// The record as it was in an older revision: without the fields that came later.
    pub(crate) fn at(&self, revision: u16) -> Self {
        let fields = self.fields.iter();
        Self {
            fields: fields
                .filter(|field| field.first_revision() <= revision)
                .cloned()
                .collect(),
            subject: self.subject.clone(),
        }
    }

    /// The fields that are in the payload, in the clear or in a box.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_stream_id)
    }

    /// The field that names the stream.
    pub(crate) fn stream_id(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.is_stream_id)
    }

    /// Whether its view would borrow nothing, so that nothing uses its lifetime.
    pub(crate) fn borrows_nothing(&self) -> bool {
        self.stored().next().is_none()
    }
}

impl Field {
    /// The revision that brought it.
    pub(crate) fn first_revision(&self) -> u16 {
        self.since.as_ref().map_or(1, |since| since.revision)
    }
}
