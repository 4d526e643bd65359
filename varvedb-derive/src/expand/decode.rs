//! `EventView`: a recorded event of any revision, read where it lies.
//!
//! An older revision is read in one of two ways: in the layout that the record had then, with
//! defaults for what came later; or in the layout that `history(..)` names for it, and upcast from
//! there, revision by revision.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use super::record::as_field;
use super::view::marker;
use super::{Runtime, at_span, local, located};
use crate::model::{Event, Record, Variant};

/// `impl EventView<'a> for AccountOpened<'a>`
pub(super) fn event_view(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let enumeration = &event.ident;
    let view = event.variant_view(variant);
    let name = event.type_name(variant);
    let bounds = bounds(variant, runtime);
    let aliases = variant
        .past
        .aliases
        .iter()
        .map(|alias| event.full_name(alias));
    let (recorded, revision, scratch) = (local("recorded"), local("revision"), local("scratch"));
    let known = Literal::u16_unsuffixed(variant.revision());
    let arms = (1..=variant.revision()).map(|revision| {
        let number = Literal::u16_unsuffixed(revision);
        let decode = decode(event, variant, revision);
        quote!(#number => #decode,)
    });
    quote! {
        #[automatically_derived]
        impl<'a> #runtime::EventView<'a> for #view<'a> where #bounds {
            const HASH: u64 = #runtime::type_hash(#name);
            const NAME: &'static str = #name;
            const ALIASES: &'static [u64] = &[#(#runtime::type_hash(#aliases)),*];

            fn schemas() -> &'static [#runtime::EventSchema] {
                <#enumeration as #runtime::Event>::schemas()
            }
            fn decode(
                #recorded: &#runtime::RecordedEvent<'a>,
                #scratch: &'a #runtime::Scratch,
            ) -> ::core::result::Result<Self, #runtime::DecodeError> {
                match #runtime::RecordedEvent::meta(#recorded).revision() {
                    #(#arms)*
                    #revision => ::core::result::Result::Err(#runtime::DecodeError::Newer {
                        type_name: #name,
                        revision: #revision,
                        known: #known,
                    }),
                }
            }
        }
    }
}

/// The layout of one revision, as the store knows it.
pub(super) fn schema(event: &Event, variant: &Variant, revision: u16) -> TokenStream {
    let runtime = event.runtime();
    if let Some(layout) = old_layout(variant, revision) {
        let layout = as_revision(layout, runtime);
        return quote!(#layout::SCHEMA);
    }
    let fields = variant.record.at(revision).schema(runtime);
    quote!(#runtime::Schema::Struct(#fields))
}

/// What is asked of the fields, and of the older layouts.
pub(super) fn bounds(variant: &Variant, runtime: Runtime<'_>) -> TokenStream {
    let mut bounds = variant.record.bounds(runtime);
    bounds.extend(layout_bounds(variant, runtime));
    bounds
}

/// `PlacedV1: Revision`, at the path.
pub(super) fn layout_bounds(variant: &Variant, runtime: Runtime<'_>) -> TokenStream {
    let layouts = variant.history().iter().map(|layout| {
        let runtime = runtime.at(layout.span());
        quote_spanned!(layout.span()=> #layout: #runtime::Revision,)
    });
    layouts.collect()
}

/// The layout with a struct of its own that a revision had.
fn old_layout(variant: &Variant, revision: u16) -> Option<&Path> {
    variant.history().get(usize::from(revision) - 1)
}

fn decode(event: &Event, variant: &Variant, revision: u16) -> TokenStream {
    let (runtime, view, name) = (
        event.runtime(),
        event.variant_view(variant),
        event.type_name(variant),
    );
    if old_layout(variant, revision).is_some() {
        return upcast(&name, variant, revision, runtime);
    }
    let record = &variant.record;
    let later = record.fields.iter().filter_map(|field| {
        let since = field.since.as_ref()?;
        let (ident, default) = (&field.ident, &since.default);
        (since.revision > revision).then(|| quote!(#ident: #default,))
    });
    let mut rest: TokenStream = later.collect();
    rest.extend(marker(record));
    read(&record.at(revision), &view, (&name, rest), runtime)
}

/// The payload in one layout, as a view with `rest` for what is not in it.
pub(super) fn read(
    record: &Record,
    view: &Ident,
    (name, rest): (&dyn ToTokens, TokenStream),
    runtime: Runtime<'_>,
) -> TokenStream {
    let recorded = local("recorded");
    let archived = record.archived(runtime);
    let pairs = record.pairs(runtime);
    let fields = record.bound().map(|(field, local)| {
        let ident = &field.ident;
        let ty = &field.ty;
        let value = if field.is_stream_id {
            quote_spanned!(located(ty)=> #runtime::stream_key::<#ty>(#recorded, #name)?)
        } else {
            let field = as_field(field, runtime);
            quote!(#field::view_archived(#local))
        };
        quote!(#ident: #value,)
    });
    quote!({
        let #pairs = #runtime::access::<#archived>(#recorded, #name)?;
        ::core::result::Result::Ok(#view { #(#fields)* #rest })
    })
}

/// The payload in an old layout, and from there step by step to the present one.
fn upcast(name: &str, variant: &Variant, revision: u16, runtime: Runtime<'_>) -> TokenStream {
    let (recorded, scratch, view) = (local("recorded"), local("scratch"), local("view"));
    let layouts = variant.history().iter().skip(usize::from(revision) - 1);
    let layouts: Vec<&Path> = layouts.collect();
    let oldest = layouts.first().map(|layout| as_revision(layout, runtime));
    let steps = layouts.iter().enumerate().map(|(i, from)| {
        let to = layouts.get(i + 1).map(|to| as_revision(to, runtime));
        let to = to.map_or_else(|| quote!(Self), |to| quote!(#to::View<'a>));
        // Where the upcast is missing, the older layout is underlined.
        let at = from.span();
        let to = at_span(to, at);
        let (from, runtime) = (as_revision(from, runtime), runtime.at(at));
        quote_spanned!(at=>
            let #view = <#to as #runtime::Upcast<'a, #from::View<'a>>>::upcast(#view, #scratch);
        )
    });
    quote!({
        let #view = #oldest::decode(#recorded, #name)?;
        #(#steps)*
        ::core::result::Result::Ok(#view)
    })
}

/// `<PlacedV1 as Revision>`, at the path.
fn as_revision(layout: &Path, runtime: Runtime<'_>) -> TokenStream {
    let runtime = runtime.at(layout.span());
    quote_spanned!(layout.span()=> <#layout as #runtime::Revision>)
}
