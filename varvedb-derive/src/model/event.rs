//! An event enum.

use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Generics, Ident, Path, Type, Visibility};

use super::{Category, StoredName, Variant};

/// `enum AccountEvent` with `#[derive(VarveEvent)]`.
pub(crate) struct Event {
    pub(crate) krate: Path,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// None after a mistake in it, which has been reported.
    pub(crate) category: Option<Category>,
    pub(crate) variants: Vec<Variant>,
    /// The names of types that may be met and are passed over.
    pub(crate) retired: Vec<StoredName>,
}

impl Event {
    /// As many bytes as `varvedb::TypeName` takes.
    pub(crate) const MAX_TYPE_NAME_BYTES: usize = 128;

    /// `AccountEventView`, the enum of all views.
    pub(crate) fn view(&self) -> Ident {
        format_ident!("{}View", self.ident)
    }

    /// `AccountOpened`, the view of one variant.
    pub(crate) fn variant_view(&self, variant: &Variant) -> Ident {
        let name = format!("{}{}", view_prefix(&self.ident), variant.ident.unraw());
        Ident::new(&name, variant.ident.span())
    }

    /// `account.opened`, by which the log knows the variant for ever.
    pub(crate) fn type_name(&self, variant: &Variant) -> String {
        self.full_name(&variant.name)
    }

    /// The same of any name of a variant, also a former one.
    pub(crate) fn full_name(&self, name: &StoredName) -> String {
        let category = self.category.as_ref().map(Category::text);
        let category = category.unwrap_or_default();
        format!("{category}.{}", name.as_str())
    }

    /// Whether anything in its present variants is personal.
    pub(crate) fn is_personal(&self) -> bool {
        self.variants
            .iter()
            .any(|variant| variant.record.is_personal())
    }

    /// The type of the `#[stream_id]` fields, if the events name their stream.
    pub(crate) fn id_type(&self) -> Option<&Type> {
        self.variants
            .iter()
            .find_map(|variant| variant.record.stream_id())
            .map(|field| &field.ty)
    }
}

/// `Account` of `AccountEvent`: the views read like words of the domain.
pub(crate) fn view_prefix(event: &Ident) -> String {
    let name = event.unraw().to_string();
    match name.strip_suffix("Event") {
        Some(prefix) if !prefix.is_empty() => prefix.to_owned(),
        _ => name,
    }
}
