//! `#[derive(VarveEvent)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use super::record::bounds;
use super::view::{View, marker};
use super::{Runtime, doc, local, located, quiet};
use super::{decode, personal};
use crate::model::{Category, Event, Record, StoredName, Variant};

/// The views, what reads and writes them, and the enum over all.
pub(crate) fn event(event: &Event) -> TokenStream {
    let views = event.variants.iter().map(|v| view(event, v, &v.record));
    let view_impls = event.variants.iter().map(|v| decode::event_view(event, v));
    let any_view = any_view(event);
    let event_impl = event_impl(event);
    quote!(#(#views #view_impls)* #any_view #event_impl)
}

impl Event {
    pub(super) fn runtime(&self) -> Runtime<'_> {
        Runtime(&self.krate)
    }

    pub(super) fn bounds(&self) -> TokenStream {
        let records = self.variants.iter().map(|variant| &variant.record);
        bounds(records, self.runtime())
    }
}

/// `struct AccountOpened<'a>`
pub(super) fn view(event: &Event, variant: &Variant, record: &Record) -> TokenStream {
    let borrowed = format!(
        "[`{}::{}`], borrowed: from the log or from the event itself.",
        event.ident, variant.ident
    );
    let mut docs = variant.docs.clone();
    if !docs.is_empty() {
        docs.push(doc(""));
    }
    docs.push(doc(&borrowed));
    View {
        vis: &event.vis,
        ident: &event.variant_view(variant),
        docs,
        record,
        runtime: event.runtime(),
    }
    .expand()
}

/// `enum AccountEventView<'a>`
pub(super) fn any_view(event: &Event) -> TokenStream {
    let Event { vis, ident, .. } = event;
    let any = event.view();
    let bounds = event.bounds();
    let names: Vec<_> = event.variants.iter().map(|v| &v.ident).collect();
    let views: Vec<_> = event
        .variants
        .iter()
        .map(|v| event.variant_view(v))
        .collect();
    let docs = names
        .iter()
        .map(|n| doc(&format!("[`{ident}::{n}`], borrowed.")));
    let summary = doc(&format!(
        "Any [`{ident}`], borrowed: from the log or from the event itself."
    ));
    let quiet = quiet();
    let (view, f) = (local("view"), local("f"));
    quote! {
        #summary
        #quiet
        #vis enum #any<'a> where #bounds { #(#docs #names(#views<'a>),)* }
        #[automatically_derived]
        impl<'a> ::core::clone::Clone for #any<'a> where #bounds {
            #[inline]
            fn clone(&self) -> Self {
                match self { #(Self::#names(#view) => Self::#names(::core::clone::Clone::clone(#view)),)* }
            }
        }
        #[automatically_derived]
        impl<'a> ::core::fmt::Debug for #any<'a> where #bounds {
            fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(Self::#names(#view) => ::core::fmt::Debug::fmt(#view, #f),)* }
            }
        }
    }
}

fn event_impl(event: &Event) -> TokenStream {
    let runtime = event.runtime();
    let ident = &event.ident;
    let header = header(event);
    let mut bounds = event.bounds();
    let layouts = event.variants.iter();
    bounds.extend(layouts.map(|v| decode::layout_bounds(v, runtime)));
    let any = event.view();
    let schemas = event.variants.iter().map(|v| schema(event, v));
    let indexes = event.variants.iter().enumerate().map(|(i, v)| {
        let variant = &v.ident;
        quote!(Self::#variant { .. } => #i,)
    });
    let stream_id = stream_id(event);
    let encode = encode(event);
    let personal = personal::event_items(event);
    let views = event.variants.iter().map(|v| view_arm(event, v));
    let hashes = event.variants.iter().map(|v| hash_consts(event, v));
    let decodes = event.variants.iter().map(|v| decode_arm(event, v));
    let owned = event.variants.iter().map(|v| owned_arm(event, v));
    let retired = event.retired.iter().enumerate();
    let (retired_hashes, retired): (Vec<_>, Vec<_>) = retired
        .map(|(i, name)| retired_type(event, i, name))
        .unzip();
    let (recorded, view) = (local("recorded"), local("view"));
    let scratch = local("scratch");
    quote! {
        #[automatically_derived]
        impl #runtime::Event for #ident where #bounds {
            #header
            #personal

            fn schemas() -> &'static [#runtime::EventSchema] {
                const { &[#(#schemas,)*] }
            }
            fn stream_id(&self) -> ::core::option::Option<Self::Id> { #stream_id }
            fn schema_index(&self) -> usize { match self { #(#indexes)* } }
            #encode
            fn view(&self) -> #any<'_> { match self { #(#views)* } }
            fn decode<'a>(
                #recorded: &#runtime::RecordedEvent<'a>,
                #scratch: &'a #runtime::Scratch,
            ) -> ::core::result::Result<#runtime::Views<#any<'a>>, #runtime::DecodeError> {
                #(#hashes)*
                #(#retired_hashes)*
                match #runtime::recorded_hash(#recorded) {
                    #(#decodes)*
                    #(#retired)*
                    _ => ::core::result::Result::Err(#runtime::foreign::<Self>(#recorded)),
                }
            }
            fn from_view(#view: #any<'_>) -> Self { match #view { #(#owned)* } }
        }
    }
}

/// The constants and types of `impl Event`, which are the same in the fallback.
pub(super) fn header(event: &Event) -> TokenStream {
    let runtime = event.runtime();
    let name = event.ident.to_string();
    let any = event.view();
    let category = event.category.as_ref().map(Category::text);
    let category = category.unwrap_or_default();
    let no_id = || quote!(#runtime::NoId);
    let id = event
        .id_type()
        .map_or_else(no_id, ToTokens::to_token_stream);
    quote! {
        const CATEGORY: &'static str = #category;
        const NAME: &'static str = #name;
        type Id = #id;
        type View<'a> = #any<'a>;
    }
}

fn schema(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = event.type_name(variant);
    let revisions =
        (1..=variant.revision()).map(|revision| decode::schema(event, variant, revision));
    let aliases = variant
        .past
        .aliases
        .iter()
        .map(|alias| event.full_name(alias));
    let retired = event.retired.iter().map(|name| event.full_name(name));
    quote!(#runtime::EventSchema {
        name: #name,
        hash: #runtime::type_hash(#name),
        revisions: &[#(#revisions),*],
        aliases: &[#(#aliases),*],
        retired: &[#(#retired),*],
    })
}

fn stream_id(event: &Event) -> TokenStream {
    if event.id_type().is_none() {
        return quote!(::core::option::Option::None);
    }
    let arms = event.variants.iter().filter_map(|variant| {
        let name = &variant.ident;
        let id = variant.record.bound().find(|(field, _)| field.is_stream_id);
        id.map(|(field, local)| {
            let (ident, ty) = (&field.ident, &field.ty);
            let value = quote_spanned!(located(ty)=> <#ty as ::core::clone::Clone>::clone(#local));
            quote!(Self::#name { #ident: #local, .. } => ::core::option::Option::Some(#value),)
        })
    });
    quote!(match self { #(#arms)* })
}

/// How the payload is written: of events with personal data while their boxes are sealed.
fn encode(event: &Event) -> TokenStream {
    let runtime = event.runtime();
    let (out, sealer) = (local("out"), local("sealer"));
    let arms = event.variants.iter().map(|v| encode_arm(event, v));
    let to_out = quote!(#out: &mut #runtime::Vec<u8>);
    let result = quote!(::core::result::Result<(), #runtime::EncodeError>);
    if !event.is_personal() {
        return quote! {
            fn encode(&self, #to_out) -> #result {
                match self { #(#arms)* }
            }
        };
    }
    quote! {
        fn encode(&self, #to_out) -> #result {
            #runtime::Event::encode_sealed(self, &mut #runtime::Sealer::none(), #out)
        }
        fn encode_sealed(&self, #sealer: &mut #runtime::Sealer<'_>, #to_out) -> #result {
            let _ = &#sealer;
            match self { #(#arms)* }
        }
    }
}

fn encode_arm(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = &variant.ident;
    let pattern = variant.record.sealed_pattern();
    let pairs = variant.record.pairs(runtime);
    let out = local("out");
    let write = quote!(#runtime::encode(&#pairs, #out));
    if !variant.record.is_personal() {
        return quote!(Self::#name { #pattern .. } => #write,);
    }
    let sealing = variant.record.sealing(runtime);
    quote!(Self::#name { #pattern .. } => { #sealing #write })
}

fn view_arm(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = &variant.ident;
    let record = &variant.record;
    let pattern = record.pattern();
    let (any, view) = (event.view(), event.variant_view(variant));
    let fields = record.views(runtime);
    let marker = marker(record);
    quote!(Self::#name { #pattern } => #any::#name(#view { #fields #marker }),)
}

fn decode_arm(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = &variant.ident;
    let any = event.view();
    let hash = hash(variant);
    let aliases = (0..variant.past.aliases.len()).map(|i| alias_hash(variant, i));
    let (recorded, scratch) = (local("recorded"), local("scratch"));
    let view = local("view");
    let one = quote!(::core::result::Result::map(
        #runtime::EventView::decode(#recorded, #scratch),
        |#view| #runtime::Views::one(#any::#name(#view)),
    ));
    match decode::split_revisions(event, variant) {
        None => quote!(#hash #(| #aliases)* => #one,),
        Some(split) => quote!(#hash #(| #aliases)* => { #split #one }),
    }
}

/// The constants that `decode` matches on. The first repeats `EventView::HASH`, which rustc could not
/// evaluate where a field's bound is false.
fn hash_consts(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = event.type_name(variant);
    let hash = hash(variant);
    let aliases = variant.past.aliases.iter().enumerate().map(|(i, alias)| {
        let (hash, name) = (alias_hash(variant, i), event.full_name(alias));
        quote!(const #hash: u64 = #runtime::type_hash(#name);)
    });
    quote!(const #hash: u64 = #runtime::type_hash(#name); #(#aliases)*)
}

fn hash(variant: &Variant) -> Ident {
    format_ident!("HASH_OF_{}", variant.ident, span = Span::mixed_site())
}

fn alias_hash(variant: &Variant, i: usize) -> Ident {
    format_ident!("ALIAS_{i}_OF_{}", variant.ident, span = Span::mixed_site())
}

/// The constant of a type that is no longer there, and the arm that says so.
fn retired_type(event: &Event, i: usize, name: &StoredName) -> (TokenStream, TokenStream) {
    let runtime = event.runtime();
    let name = event.full_name(name);
    let hash = format_ident!("RETIRED_{i}", span = Span::mixed_site());
    (
        quote!(const #hash: u64 = #runtime::type_hash(#name);),
        quote! {
            #hash => ::core::result::Result::Err(#runtime::DecodeError::Retired {
                type_name: #name,
            }),
        },
    )
}

fn owned_arm(event: &Event, variant: &Variant) -> TokenStream {
    let runtime = event.runtime();
    let name = &variant.ident;
    let record = &variant.record;
    let pattern = record.pattern();
    let (any, view) = (event.view(), event.variant_view(variant));
    let fields = record.owned(runtime);
    quote!(#any::#name(#view { #pattern .. }) => Self::#name { #fields },)
}
