//! `EventView`: a recorded event of any revision, read where it lies.
//!
//! An older revision is read in one of two ways: in the layout that the record had then, with
//! defaults for what came later; or in the layout that `history(..)` names for it, and upcast from
//! there, revision by revision, to the present one or to a layout that becomes several events.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use super::record::as_field;
use super::view::marker;
use super::{Runtime, at_span, local, located};
use crate::model::{Event, PiiShape, Record, Variant};

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
    let parts = parts(event, variant);
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
            #parts
        }
    }
}

/// Which recorded events are several present ones, and those of them that are of this variant. Nothing
/// where no event of the enum is split.
fn parts(event: &Event, variant: &Variant) -> Option<TokenStream> {
    let splits: Vec<TokenStream> = event
        .variants
        .iter()
        .filter_map(|v| split(event, v))
        .collect();
    if splits.is_empty() {
        return None;
    }
    let runtime = event.runtime();
    let (enumeration, any, name) = (&event.ident, event.view(), &variant.ident);
    let (recorded, scratch, view) = (local("recorded"), local("scratch"), local("view"));
    Some(quote! {
        const SPLITS: &'static [#runtime::SplitType] = &[#(#splits),*];

        fn parts(
            #recorded: &#runtime::RecordedEvent<'a>,
            #scratch: &'a #runtime::Scratch,
        ) -> ::core::result::Result<#runtime::Vec<::core::option::Option<Self>>, #runtime::DecodeError> {
            if !<Self as #runtime::EventView<'a>>::is_split(#recorded) {
                return ::core::result::Result::Ok(#runtime::Vec::new());
            }
            let #view = <#enumeration as #runtime::Event>::decode(#recorded, #scratch)?;
            ::core::result::Result::Ok(::core::iter::Iterator::collect(
                ::core::iter::Iterator::map(::core::iter::IntoIterator::into_iter(#view), |#view| match #view {
                    #any::#name(#view) => ::core::option::Option::Some(#view),
                    #[allow(unreachable_patterns)]
                    _ => ::core::option::Option::None,
                }),
            ))
        }
    })
}

/// The revisions of a variant that are split, under all its names.
fn split(event: &Event, variant: &Variant) -> Option<TokenStream> {
    let runtime = event.runtime();
    let last = Some(variant.last_split()).filter(|last| *last > 0)?;
    let last = Literal::u16_unsuffixed(last);
    let aliases = variant.past.aliases.iter();
    let names = aliases.map(|alias| event.full_name(alias));
    let names = std::iter::once(event.type_name(variant)).chain(names);
    Some(quote!(#runtime::SplitType {
        hashes: &[#(#runtime::type_hash(#names)),*],
        up_to_revision: #last,
    }))
}

/// What `Event::decode` does before all else with the revisions of a variant that are split.
pub(super) fn split_revisions(event: &Event, variant: &Variant) -> Option<TokenStream> {
    let last = Some(variant.last_split()).filter(|last| *last > 0)?;
    let runtime = event.runtime();
    let name = event.type_name(variant);
    let recorded = local("recorded");
    let arms = (1..=last).map(|revision| {
        let number = Literal::u16_unsuffixed(revision);
        let several = several(&name, variant, (revision, &event.view()), runtime);
        quote!(#number => return #several,)
    });
    Some(quote! {
        match #runtime::RecordedEvent::meta(#recorded).revision() { #(#arms)* _ => {} }
    })
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
        let layout = &layout.path;
        let runtime = runtime.at(layout.span());
        quote_spanned!(layout.span()=> #layout: #runtime::Revision,)
    });
    layouts.collect()
}

/// The layout with a struct of its own that a revision had.
fn old_layout(variant: &Variant, revision: u16) -> Option<&Path> {
    let layout = variant.history().get(usize::from(revision) - 1);
    layout.map(|layout| &layout.path)
}

fn decode(event: &Event, variant: &Variant, revision: u16) -> TokenStream {
    let (runtime, view, name) = (
        event.runtime(),
        event.variant_view(variant),
        event.type_name(variant),
    );
    if revision <= variant.last_split() {
        let number = Literal::u16_unsuffixed(revision);
        return quote!(::core::result::Result::Err(#runtime::DecodeError::Split {
            type_name: #name,
            revision: #number,
        }));
    }
    if old_layout(variant, revision).is_some() {
        return upcast(&name, variant, revision, runtime);
    }
    let record = &variant.record;
    let later = record.fields.iter().filter_map(|field| {
        let since = field.since.as_ref()?;
        let (ident, default) = (&field.ident, &since.default);
        let is_later = since.revision > revision;
        is_later.then(|| {
            let shape = field.personal.as_ref().map(|personal| personal.shape);
            let view = match shape {
                None => quote!(#default),
                Some(PiiShape::One) => quote!(#runtime::PiiView::known(#default)),
                Some(_) => quote!(::core::convert::From::from(#default)),
            };
            quote!(#ident: #view,)
        })
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
    let looking = record.looking(runtime);
    let fields = record.bound().map(|(field, local)| {
        let ident = &field.ident;
        let ty = &field.ty;
        let value = if field.is_stream_id {
            quote_spanned!(located(ty)=> #runtime::stream_key::<#ty>(#recorded, #name)?)
        } else if field.personal.is_some() {
            record.view_sealed(field, runtime)
        } else {
            let field = as_field(field, runtime);
            quote!(#field::view_archived(#local))
        };
        quote!(#ident: #value,)
    });
    quote!({
        let #pairs = #runtime::access::<#archived>(#recorded, #name)?;
        #looking
        ::core::result::Result::Ok(#view { #(#fields)* #rest })
    })
}

/// The payload in an old layout, and from there step by step to the present one.
fn upcast(name: &str, variant: &Variant, revision: u16, runtime: Runtime<'_>) -> TokenStream {
    let view = local("view");
    let layouts = variant.upcasts(revision).iter();
    let layouts: Vec<&Path> = layouts.map(|layout| &layout.path).collect();
    let read = read_layout(&layouts, name, runtime);
    let steps = steps(&layouts, runtime);
    let last = layouts.last().map(|last| step(last, quote!(Self), runtime));
    quote!({
        #read
        #steps
        #last
        ::core::result::Result::Ok(#view)
    })
}

/// The payload in an old layout, step by step to one that is split, and from there to its parts.
fn several(
    name: &str,
    variant: &Variant,
    (revision, any): (u16, &Ident),
    runtime: Runtime<'_>,
) -> TokenStream {
    let (view, scratch) = (local("view"), local("scratch"));
    let layouts = variant.upcasts(revision).iter();
    let layouts: Vec<&Path> = layouts.map(|layout| &layout.path).collect();
    let read = read_layout(&layouts, name, runtime);
    let steps = steps(&layouts, runtime);
    let split = layouts.last().map(|last| {
        // Where the split is missing, the layout is underlined.
        let at = last.span();
        let (last, at_layout) = (as_old_layout(last, runtime), runtime.at(at));
        let any = at_span(any.to_token_stream(), at);
        quote_spanned!(at=>
            <#any<'a> as #at_layout::Split<'a, #last::View<'a>>>::split(#view, #scratch)
        )
    });
    quote!({
        #read
        #steps
        ::core::result::Result::Ok(#runtime::Views::several(#split))
    })
}

fn read_layout(layouts: &[&Path], name: &str, runtime: Runtime<'_>) -> TokenStream {
    let (recorded, view, scratch) = (local("recorded"), local("view"), local("scratch"));
    let oldest = layouts.first().map(|layout| as_old_layout(layout, runtime));
    quote!(let #view = #oldest::decode(#recorded, #name, #scratch)?;)
}

/// From the first of the layouts to the last.
fn steps(layouts: &[&Path], runtime: Runtime<'_>) -> TokenStream {
    let pairs = layouts.iter().zip(layouts.iter().skip(1));
    let steps = pairs.map(|(from, to)| {
        let to = as_old_layout(to, runtime);
        step(from, quote!(#to::View<'a>), runtime)
    });
    steps.collect()
}

/// Where the upcast is missing, the older layout is underlined.
fn step(from: &Path, to: TokenStream, runtime: Runtime<'_>) -> TokenStream {
    let (view, scratch) = (local("view"), local("scratch"));
    let at = from.span();
    let to = at_span(to, at);
    let (from, runtime) = (as_old_layout(from, runtime), runtime.at(at));
    quote_spanned!(at=>
        let #view = <#to as #runtime::Upcast<'a, #from::View<'a>>>::upcast(#view, #scratch);
    )
}

/// All older layouts of all variants, `<PlacedV1 as OldLayout>`.
pub(super) fn old_layouts(event: &Event) -> impl Iterator<Item = TokenStream> {
    let layouts = event.variants.iter().flat_map(Variant::history);
    layouts.map(|layout| as_old_layout(&layout.path, event.runtime()))
}

/// `<PlacedV1 as Revision>`, at the path.
fn as_revision(layout: &Path, runtime: Runtime<'_>) -> TokenStream {
    let runtime = runtime.at(layout.span());
    quote_spanned!(layout.span()=> <#layout as #runtime::Revision>)
}

/// `<PlacedV1 as OldLayout>`, at the path: also of a type that is no layout, which is told at the bound alone.
fn as_old_layout(layout: &Path, runtime: Runtime<'_>) -> TokenStream {
    let runtime = runtime.at(layout.span());
    quote_spanned!(layout.span()=> <#layout as #runtime::OldLayout<{
        #[allow(unused_imports)]
        use #runtime::NoRevision as _;
        #runtime::LayoutProbe::<#layout>::IS_REVISION
    }>>)
}
