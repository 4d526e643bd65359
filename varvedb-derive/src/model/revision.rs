//! The layout of an old revision.

use quote::format_ident;
use syn::{Attribute, Generics, Ident, Path, Visibility};

use super::Record;

/// `struct PlacedV1` with `#[derive(VarveRevision)]`.
pub(crate) struct Revision {
    pub(crate) krate: Path,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) record: Record,
}

impl Revision {
    /// `PlacedV1View`
    pub(crate) fn view(&self) -> Ident {
        format_ident!("{}View", self.ident)
    }
}
