//! A type that is stored inside events.

use quote::format_ident;
use syn::{Attribute, Generics, Ident, Path, Visibility};

use super::{Record, Variant};

/// `struct Money` or `enum Gift` with `#[derive(VarveValue)]`.
pub(crate) struct Value {
    pub(crate) krate: Path,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) shape: Shape,
}

/// What a value is made of.
pub(crate) enum Shape {
    Struct(Record),
    Enum(Vec<Variant>),
}

impl Value {
    /// `MoneyView`
    pub(crate) fn view(&self) -> Ident {
        format_ident!("{}View", self.ident)
    }

    /// An enum without fields has nothing to borrow: it is its own view.
    pub(crate) fn is_own_view(&self) -> bool {
        match &self.shape {
            Shape::Struct(_) => false,
            Shape::Enum(variants) => variants.iter().all(|v| v.record.fields.is_empty()),
        }
    }

    /// Whether it may contain itself.
    pub(crate) fn is_recursive(&self) -> bool {
        let records = self.records().into_iter();
        records
            .flat_map(|record| &record.fields)
            .any(|field| field.is_recursive)
    }

    /// The records of all variants, or the one of a struct.
    pub(crate) fn records(&self) -> Vec<&Record> {
        match &self.shape {
            Shape::Struct(record) => vec![record],
            Shape::Enum(variants) => variants.iter().map(|v| &v.record).collect(),
        }
    }
}
