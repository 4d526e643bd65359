//! `#[derive(VarveRevision)]`.

use proc_macro2::TokenStream;
use quote::quote;

use super::view::{View, marker};
use super::{Runtime, decode, doc, local};
use crate::model::Revision;

/// The view, and what reads it.
pub(crate) fn revision(revision: &Revision) -> TokenStream {
    let runtime = Runtime(&revision.krate);
    let Revision { ident, record, .. } = revision;
    let struct_of_view = view(revision);
    let view_ident = revision.view();
    let bounds = record.bounds(runtime);
    let fields = record.schema(runtime);
    let (recorded, type_name) = (local("recorded"), local("type_name"));
    let (out, view) = (local("out"), local("view"));
    let rest = marker(record).unwrap_or_default();
    let decode = decode::read(record, &view_ident, (&type_name, rest), runtime);
    let (pattern, stored) = (record.pattern(), record.stored_pattern());
    let pairs = record.pairs(runtime);
    let marker = marker(record);
    let (views, owned) = (record.views(runtime), record.owned(runtime));
    quote! {
        #struct_of_view
        #[automatically_derived]
        impl #runtime::Revision for #ident where #bounds {
            type View<'a> = #view_ident<'a>;
            const SCHEMA: #runtime::Schema = #runtime::Schema::Struct(#fields);

            fn decode<'a>(
                #recorded: &#runtime::RecordedEvent<'a>,
                #type_name: &'static str,
            ) -> ::core::result::Result<#view_ident<'a>, #runtime::DecodeError> #decode
            fn encode(
                &self,
                #out: &mut #runtime::Vec<u8>,
            ) -> ::core::result::Result<(), #runtime::EncodeError> {
                let Self { #stored .. } = self;
                #runtime::encode(&#pairs, #out)
            }
            fn view(&self) -> #view_ident<'_> {
                let Self { #pattern } = self;
                #view_ident { #views #marker }
            }
            fn from_view(#view: #view_ident<'_>) -> Self {
                let #view_ident { #pattern .. } = #view;
                Self { #owned }
            }
        }
    }
}

/// `PlacedV1View<'a>`
pub(super) fn view(revision: &Revision) -> TokenStream {
    let mut docs = revision.docs.clone();
    if !docs.is_empty() {
        docs.push(doc(""));
    }
    docs.push(doc(&format!(
        "A [`{}`], borrowed: from the log or from the value itself.",
        revision.ident
    )));
    View {
        vis: &revision.vis,
        ident: &revision.view(),
        docs,
        record: &revision.record,
        runtime: Runtime(&revision.krate),
    }
    .expand()
}
