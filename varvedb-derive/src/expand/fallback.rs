//! What stands in when a macro cannot expand.
//!
//! The names and impls that the rest of the program relies on, with bodies that are never run: the
//! build has failed already, and one mistake stays one error.

use proc_macro2::TokenStream;
use quote::quote;

use super::aggregate::command_enum;
use super::event::{any_view, header, view};
use crate::model::{Aggregate, Event, Record, Revision, Value, Variant};

/// The views with what fields they have, and the traits without their work.
pub(crate) fn event(event: &Event) -> TokenStream {
    let is_ambiguous = |variant: &Variant| event.variant_view(variant) == event.view();
    if event.variants.is_empty() || event.variants.iter().any(is_ambiguous) {
        return TokenStream::new();
    }
    if !event.generics.params.is_empty() {
        let empty = Record::default();
        let views = event.variants.iter().map(|v| view(event, v, &empty));
        return views.collect();
    }
    let views = event.variants.iter().map(|v| view(event, v, &v.record));
    let view_impls = event.variants.iter().map(|v| event_view(event, v));
    let any_view = any_view(event);
    let event_impl = event_impl(event);
    quote!(#(#views #view_impls)* #any_view #event_impl)
}

/// `EventView` without its work.
fn event_view(event: &Event, variant: &Variant) -> TokenStream {
    let (runtime, view, name) = (
        event.runtime(),
        event.variant_view(variant),
        event.type_name(variant),
    );
    quote! {
        #[automatically_derived]
        impl<'a> #runtime::EventView<'a> for #view<'a> {
            const HASH: u64 = #runtime::type_hash(#name);
            const NAME: &'static str = #name;
            const ALIASES: &'static [u64] = &[];
            fn schemas() -> &'static [#runtime::EventSchema] { ::core::unreachable!() }
            fn decode(
                _: &#runtime::RecordedEvent<'a>,
                _: &'a #runtime::Scratch,
            ) -> ::core::result::Result<Self, #runtime::DecodeError> { ::core::unreachable!() }
        }
    }
}

/// `Event` without its work.
fn event_impl(event: &Event) -> TokenStream {
    let (runtime, ident, any) = (event.runtime(), &event.ident, event.view());
    let header = header(event);
    quote! {
        #[automatically_derived]
        impl #runtime::Event for #ident {
            #header
            fn schemas() -> &'static [#runtime::EventSchema] { ::core::unreachable!() }
            fn stream_id(&self) -> ::core::option::Option<Self::Id> { ::core::unreachable!() }
            fn schema_index(&self) -> usize { ::core::unreachable!() }
            fn encode(
                &self,
                _: &mut #runtime::Vec<u8>,
            ) -> ::core::result::Result<(), #runtime::EncodeError> { ::core::unreachable!() }
            fn view(&self) -> #any<'_> { ::core::unreachable!() }
            fn decode<'a>(
                _: &#runtime::RecordedEvent<'a>,
                _: &'a #runtime::Scratch,
            ) -> ::core::result::Result<#runtime::Views<#any<'a>>, #runtime::DecodeError> {
                ::core::unreachable!()
            }
            fn from_view(_: #any<'_>) -> Self { ::core::unreachable!() }
        }
    }
}

/// The view, and `Revision` without its work.
pub(crate) fn revision(revision: &Revision) -> TokenStream {
    if !revision.generics.params.is_empty() {
        return TokenStream::new();
    }
    let runtime = super::Runtime(&revision.krate);
    let (struct_of_view, ident, view) = (
        super::revision::view(revision),
        &revision.ident,
        revision.view(),
    );
    quote! {
        #struct_of_view
        #[automatically_derived]
        impl #runtime::Revision for #ident {
            type View<'a> = #view<'a>;
            const SCHEMA: #runtime::Schema = #runtime::Schema::Tuple(&[]);
            fn decode<'a>(
                _: &#runtime::RecordedEvent<'a>,
                _: &'static str,
                _: &'a #runtime::Scratch,
                _: &'a #runtime::Scratch,
            ) -> ::core::result::Result<#view<'a>, #runtime::DecodeError> { ::core::unreachable!() }
            fn encode(
                &self,
                _: &mut #runtime::Vec<u8>,
            ) -> ::core::result::Result<(), #runtime::EncodeError> { ::core::unreachable!() }
            fn view(&self) -> #view<'_> { ::core::unreachable!() }
            fn from_view(_: #view<'_>) -> Self { ::core::unreachable!() }
        }
    }
}

/// `Field` without its work.
pub(crate) fn value(value: &Value) -> TokenStream {
    if !value.generics.params.is_empty() {
        return TokenStream::new();
    }
    let runtime = super::Runtime(&value.krate);
    let ident = &value.ident;
    quote! {
        #[automatically_derived]
        impl #runtime::Field for #ident {
            type Archived = ();
            type Resolver = ();
            type View<'a> = ();
            const SCHEMA: #runtime::Schema = #runtime::Schema::Tuple(&[]);
            fn serialize(
                &self,
                _: &mut #runtime::Encoder<'_>,
            ) -> ::core::result::Result<(), #runtime::EncodeError> { ::core::unreachable!() }
            fn resolve(&self, _: (), _: #runtime::rkyv::Place<()>) { ::core::unreachable!() }
            fn view(&self) { ::core::unreachable!() }
            fn view_archived(_: &()) { ::core::unreachable!() }
            fn from_view(_: ()) -> Self { ::core::unreachable!() }
        }
    }
}

/// The block as it is, and the enum of its commands.
pub(crate) fn aggregate(aggregate: &Aggregate) -> TokenStream {
    let block = &aggregate.block;
    let command_enum = command_enum(aggregate);
    quote!(#block #command_enum)
}
