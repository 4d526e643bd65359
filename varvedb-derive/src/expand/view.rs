//! Views: structs that borrow what an event or a value owns.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Visibility};

use super::personal::as_personal;
use super::record::{as_field, bounds};
use super::{Runtime, docs_or, local, quiet};
use crate::model::{Field, Record, Variant};

/// A struct with the same field names whose fields are views.
pub(super) struct View<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) ident: &'a Ident,
    pub(super) docs: Vec<Attribute>,
    pub(super) record: &'a Record,
    pub(super) runtime: Runtime<'a>,
}

impl View<'_> {
    /// The struct, `Clone` and `Debug`.
    pub(super) fn expand(&self) -> TokenStream {
        let definition = self.definition();
        let clone = self.clone_impl();
        let debug = self.debug_impl();
        let default = is_empty(self.record).then(|| self.default_impl());
        quote!(#definition #clone #debug #default)
    }

    /// The id of a stream is small and has no other home: by value. Where no other field uses the
    /// lifetime, its type does, so that a view is made of its fields and nothing else.
    fn field_type(&self, field: &Field) -> TokenStream {
        let Self {
            record, runtime, ..
        } = self;
        if field.is_stream_id && record.borrows_nothing() {
            let ty = &field.ty;
            return quote!(<#ty as #runtime::Lent<'a>>::Same);
        }
        field_type(field, *runtime)
    }

    fn definition(&self) -> TokenStream {
        let Self {
            vis, ident, docs, ..
        } = self;
        let fields = self.record.fields.iter().map(|field| {
            let name = &field.ident;
            let docs = docs_or(&field.docs, || format!("`{name}`, as it was recorded."));
            let ty = self.field_type(field);
            quote!(#(#docs)* #vis #name: #ty,)
        });
        let marker = is_empty(self.record)
            .then(|| quote!(#[doc(hidden)] #vis __lifetime: ::core::marker::PhantomData<&'a ()>,));
        let bounds = self.record.bounds(self.runtime);
        let quiet = quiet();
        quote! {
            #(#docs)*
            #quiet
            #vis struct #ident<'a> where #bounds { #(#fields)* #marker }
        }
    }

    fn clone_impl(&self) -> TokenStream {
        let Self {
            ident,
            record,
            runtime,
            ..
        } = self;
        let bounds = record.bounds(*runtime);
        let fields = record.fields.iter().map(|field| &field.ident);
        let marker = marker(record);
        quote! {
            #[automatically_derived]
            impl<'a> ::core::clone::Clone for #ident<'a> where #bounds {
                #[inline]
                fn clone(&self) -> Self {
                    #ident { #(#fields: ::core::clone::Clone::clone(&self.#fields),)* #marker }
                }
            }
        }
    }

    fn debug_impl(&self) -> TokenStream {
        let Self {
            ident,
            record,
            runtime,
            ..
        } = self;
        let bounds = record.bounds(*runtime);
        let name = ident.to_string();
        let f = local("f");
        let fields = record.fields.iter().map(|field| {
            let field = &field.ident;
            let name = field.unraw().to_string();
            quote!(.field(#name, &self.#field))
        });
        quote! {
            #[automatically_derived]
            impl<'a> ::core::fmt::Debug for #ident<'a> where #bounds {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Formatter::debug_struct(#f, #name) #(#fields)* .finish()
                }
            }
        }
    }
}

impl View<'_> {
    /// Of a view without fields, which nobody could make otherwise.
    fn default_impl(&self) -> TokenStream {
        let Self { ident, record, .. } = self;
        let marker = marker(record);
        quote! {
            #[automatically_derived]
            impl ::core::default::Default for #ident<'_> {
                #[inline]
                fn default() -> Self { #ident { #marker } }
            }
        }
    }
}

/// An enum with the same variants whose fields are views.
pub(super) struct EnumView<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) ident: &'a Ident,
    pub(super) docs: Vec<Attribute>,
    pub(super) variants: &'a [Variant],
    pub(super) runtime: Runtime<'a>,
}

impl EnumView<'_> {
    /// The enum, `Clone` and `Debug`.
    pub(super) fn expand(&self) -> TokenStream {
        let definition = self.definition();
        let clone = self.clone_impl();
        let debug = self.debug_impl();
        quote!(#definition #clone #debug)
    }

    fn definition(&self) -> TokenStream {
        let Self {
            vis, ident, docs, ..
        } = self;
        let bounds = self.bounds();
        let quiet = quiet();
        let variants = self.variants.iter().map(|variant| {
            let name = &variant.ident;
            let docs = docs_or(&variant.docs, || format!("See `{name}` of the value."));
            let fields = variant.record.fields.iter().map(|field| {
                let name = &field.ident;
                let docs = docs_or(&field.docs, || format!("`{name}`, as it was recorded."));
                let ty = field_type(field, self.runtime);
                quote!(#(#docs)* #name: #ty,)
            });
            let fields = (!variant.record.fields.is_empty()).then(|| quote!({ #(#fields)* }));
            quote!(#(#docs)* #name #fields)
        });
        quote! {
            #(#docs)*
            #quiet
            #vis enum #ident<'a> where #bounds { #(#variants,)* }
        }
    }

    fn clone_impl(&self) -> TokenStream {
        let Self { ident, .. } = self;
        let bounds = self.bounds();
        let arms = self.variants.iter().map(|variant| {
            let name = &variant.ident;
            let pattern = variant.record.pattern();
            let fields = variant.record.bound().map(|(field, local)| {
                let field = &field.ident;
                quote!(#field: ::core::clone::Clone::clone(#local),)
            });
            quote!(Self::#name { #pattern } => Self::#name { #(#fields)* },)
        });
        quote! {
            #[automatically_derived]
            impl<'a> ::core::clone::Clone for #ident<'a> where #bounds {
                #[inline]
                fn clone(&self) -> Self { match self { #(#arms)* } }
            }
        }
    }

    fn debug_impl(&self) -> TokenStream {
        let Self { ident, .. } = self;
        let bounds = self.bounds();
        let f = local("f");
        let arms = self.variants.iter().map(|variant| {
            let name = &variant.ident;
            let text = name.unraw().to_string();
            let pattern = variant.record.pattern();
            let fields = variant.record.bound().map(|(field, local)| {
                let field = field.ident.unraw().to_string();
                quote!(.field(#field, #local))
            });
            quote! {
                Self::#name { #pattern } => {
                    ::core::fmt::Formatter::debug_struct(#f, #text) #(#fields)* .finish()
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<'a> ::core::fmt::Debug for #ident<'a> where #bounds {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match self { #(#arms)* }
                }
            }
        }
    }

    fn bounds(&self) -> TokenStream {
        let records = self.variants.iter().map(|variant| &variant.record);
        bounds(records, self.runtime)
    }
}

/// The borrowed form of a field.
fn field_type(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &field.ty;
    if field.is_stream_id {
        quote!(#ty)
    } else if field.personal.is_some() {
        let personal = as_personal(field, runtime);
        quote!(#personal::View<'a>)
    } else {
        let field = as_field(field, runtime);
        quote!(#field::View<'a>)
    }
}

/// The field that uses the lifetime where nothing else does.
pub(super) fn marker(record: &Record) -> Option<TokenStream> {
    is_empty(record).then(|| quote!(__lifetime: ::core::marker::PhantomData,))
}

fn is_empty(record: &Record) -> bool {
    record.fields.is_empty()
}
