//! `#[derive(VarveRevision)]`.

use proc_macro2::TokenStream;
use quote::quote;

use super::view::{View, marker};
use super::{Runtime, decode, doc, local};
use crate::model::{Record, Revision};

/// The view, and what reads it.
pub(crate) fn revision(revision: &Revision) -> TokenStream {
    let runtime = Runtime(&revision.krate);
    let Revision { ident, record, .. } = revision;
    let struct_of_view = view(revision);
    let view_ident = revision.view();
    let bounds = record.bounds(runtime);
    let fields = record.schema(runtime);
    let (recorded, type_name) = (local("recorded"), local("type_name"));
    let (view, scratch) = (local("view"), local("scratch"));
    let rest = marker(record).unwrap_or_default();
    let decode = decode::read(record, &view_ident, (&type_name, rest), runtime);
    let pattern = record.pattern();
    let encode = encode(record, runtime);
    let has_boxes = record.is_personal().then(|| {
        quote!(
            const HAS_BOXES: bool = true;
        )
    });
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
                #scratch: &'a #runtime::Scratch,
            ) -> ::core::result::Result<#view_ident<'a>, #runtime::DecodeError> #decode
            #has_boxes
            #encode
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

/// How the payload is written: of a layout with personal data while its boxes are sealed.
fn encode(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let (out, sealer) = (local("out"), local("sealer"));
    let (pattern, pairs) = (record.sealed_pattern(), record.pairs(runtime));
    let to_out = quote!(#out: &mut #runtime::Vec<u8>);
    let result = quote!(::core::result::Result<(), #runtime::EncodeError>);
    let write = quote!(let Self { #pattern .. } = self;);
    if !record.is_personal() {
        return quote! {
            fn encode(&self, #to_out) -> #result { #write #runtime::encode(&#pairs, #out) }
        };
    }
    let sealing = record.sealing(runtime);
    quote! {
        fn encode(&self, #to_out) -> #result {
            #runtime::Revision::encode_sealed(self, &mut #runtime::Sealer::none(), #out)
        }
        fn encode_sealed(&self, #sealer: &mut #runtime::Sealer<'_>, #to_out) -> #result {
            #write
            #sealing
            #runtime::encode(&#pairs, #out)
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
