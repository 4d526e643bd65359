//! `#[derive(VarveId)]`.
//!
//! What an id can be used as, one impl each: a stream's key, a field of events and values, and the
//! key of a read model's row.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{Runtime, local, located};
use crate::model::Id;

/// The impls of an id.
pub(crate) fn id(id: &Id) -> TokenStream {
    let stream_key = stream_key(id);
    let field = field(id);
    let row_key = row_key(id);
    let subject_key = subject_key(id);
    let runtime = id.runtime();
    let ident = &id.ident;
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #runtime::IncompleteId as _;
            const __IS_COMPLETE: bool = #runtime::IdProbe::<#ident>::IS_COMPLETE;
            #stream_key #field #row_key #subject_key
        };
    }
}

impl Id {
    fn runtime(&self) -> Runtime<'_> {
        Runtime(&self.krate)
    }

    /// `AccountId: CompleteId<..>`: a false bound of its own, so that three missing derives are one
    /// error. Its supertraits give the impl `Clone`, `Debug` and `PartialEq` either way.
    fn completeness(&self) -> TokenStream {
        let ident = &self.ident;
        let at_ident = self.runtime().at(ident.span());
        quote_spanned!(ident.span()=> #ident: #at_ident::CompleteId<__IS_COMPLETE>)
    }

    /// `AccountId(value)`, located where rustc may complain of the value.
    fn constructor(&self) -> Ident {
        let mut constructor = self.ident.clone();
        constructor.set_span(located(&self.ident));
        constructor
    }
}

fn stream_key(id: &Id) -> TokenStream {
    let runtime = id.runtime();
    let (ident, value, constructor) = (&id.ident, &id.value, id.constructor());
    let at_value = runtime.at(value.span());
    let bound = quote_spanned!(value.span()=> #value: #at_value::IdValue);
    let completeness = id.completeness();
    let key = local("key");
    quote! {
        #[automatically_derived]
        impl #runtime::StreamKey for #ident where #bound, #completeness {
            fn to_key(&self) -> ::core::result::Result<#runtime::Key, #runtime::NameError> {
                <#value as #runtime::IdValue>::to_key(&self.0)
            }
            fn from_key(#key: #runtime::KeyRef<'_>) -> ::core::option::Option<Self> {
                ::core::option::Option::map(<#value as #runtime::IdValue>::from_key(#key), #constructor)
            }
        }
    }
}

/// Of an id that names persons.
fn subject_key(id: &Id) -> Option<TokenStream> {
    let kind = id.subject.as_ref()?;
    let runtime = id.runtime();
    let (ident, value) = (&id.ident, &id.value);
    let at_value = runtime.at(value.span());
    let bound = quote_spanned!(value.span()=> #value: #at_value::IdValue);
    let completeness = id.completeness();
    Some(quote! {
        #[automatically_derived]
        impl #runtime::SubjectKey for #ident where #bound, #completeness {
            const KIND: &'static str = #kind;
        }
    })
}

fn field(id: &Id) -> TokenStream {
    let runtime = id.runtime();
    let (ident, value, constructor) = (&id.ident, &id.value, id.constructor());
    let at_value = runtime.at(value.span());
    let bound = quote_spanned!(value.span()=> #value: #at_value::IdValue + #at_value::Field);
    let field = quote_spanned!(value.span()=> <#value as #at_value::Field>);
    let completeness = id.completeness();
    let (encoder, resolver, out) = (local("encoder"), local("resolver"), local("out"));
    let (archived, view) = (local("archived"), local("view"));
    quote! {
        #[automatically_derived]
        impl #runtime::Field for #ident where #bound, #completeness {
            type Archived = #field::Archived;
            type Resolver = #field::Resolver;
            type View<'a> = Self;
            const SCHEMA: #runtime::Schema = #field::SCHEMA;

            fn serialize(
                &self,
                #encoder: &mut #runtime::Encoder<'_>,
            ) -> ::core::result::Result<Self::Resolver, #runtime::EncodeError> {
                #field::serialize(&self.0, #encoder)
            }
            fn resolve(
                &self,
                #resolver: Self::Resolver,
                #out: #runtime::rkyv::Place<Self::Archived>,
            ) {
                #field::resolve(&self.0, #resolver, #out);
            }
            fn view(&self) -> Self {
                ::core::clone::Clone::clone(self)
            }
            fn view_archived(#archived: &Self::Archived) -> Self {
                #constructor(#field::from_view(#field::view_archived(#archived)))
            }
            fn from_view(#view: Self) -> Self {
                #view
            }
        }
    }
}

fn row_key(id: &Id) -> TokenStream {
    let runtime = id.runtime();
    let (ident, value, constructor) = (&id.ident, &id.value, id.constructor());
    let at_value = runtime.at(value.span());
    let bound = quote_spanned!(value.span()=> #value: #at_value::IdValue);
    let row_key = quote_spanned!(value.span()=> <#value as #at_value::RowKey>);
    let completeness = id.completeness();
    let (out, bytes) = (local("out"), local("bytes"));
    quote! {
        #[automatically_derived]
        impl #runtime::RowKey for #ident where #bound, #completeness {
            fn encode_key(&self, #out: &mut #runtime::Vec<u8>) {
                #row_key::encode_key(&self.0, #out);
            }
            fn decode_key(#bytes: &mut &[u8]) -> ::core::option::Option<Self> {
                ::core::option::Option::map(#row_key::decode_key(#bytes), #constructor)
            }
        }
    }
}
