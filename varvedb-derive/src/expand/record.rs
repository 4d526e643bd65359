//! Records: the fields of one event or value, as patterns, types, expressions and schemas.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{Runtime, local_at, located};
use crate::model::{Field, Record};

impl Record {
    /// Every field with the local that stands for it.
    pub(super) fn bound(&self) -> impl Iterator<Item = (&Field, Ident)> {
        self.fields.iter().enumerate().map(|(i, field)| {
            let local = local_at(&format!("field_{i}"), located(&field.ty));
            (field, local)
        })
    }

    /// `id: __field_0, owner: __field_1`
    pub(super) fn pattern(&self) -> TokenStream {
        pattern(self.bound())
    }

    /// `owner: __field_1`
    pub(super) fn stored_pattern(&self) -> TokenStream {
        pattern(self.bound().filter(|(field, _)| !field.is_stream_id))
    }

    /// `String: Field, i64: Field`, what generated impls ask for.
    pub(super) fn bounds(&self, runtime: Runtime<'_>) -> TokenStream {
        bounds([self], runtime)
    }

    /// `note: Field::view(field_0),` of every field: what makes its view.
    pub(super) fn views(&self, runtime: Runtime<'_>) -> TokenStream {
        let fields = self.bound().map(|(field, local)| {
            let (ident, ty) = (&field.ident, &field.ty);
            if field.is_stream_id {
                quote!(#ident: <#ty as ::core::clone::Clone>::clone(#local),)
            } else {
                let field = as_field(field, runtime);
                quote!(#ident: #field::view(#local),)
            }
        });
        fields.collect()
    }

    /// `note: Field::from_view(field_0),` of every field: what its view becomes.
    pub(super) fn owned(&self, runtime: Runtime<'_>) -> TokenStream {
        let fields = self.bound().map(|(field, local)| {
            let ident = &field.ident;
            if field.is_stream_id {
                quote!(#ident: #local,)
            } else {
                let field = as_field(field, runtime);
                quote!(#ident: #field::from_view(#local),)
            }
        });
        fields.collect()
    }

    /// `Pair<<String as Field>::Archived, <i64 as Field>::Archived>`, the stored form.
    pub(super) fn archived(&self, runtime: Runtime<'_>) -> TokenStream {
        let leaves = self.stored().map(|field| {
            let field = as_field(field, runtime);
            quote!(#field::Archived)
        });
        tree(
            &leaves.collect::<Vec<_>>(),
            &|left, right| quote!(#runtime::Pair<#left, #right>),
        )
    }

    /// `Pair<&'static String, &'static i64>`, a record as a type.
    pub(super) fn references(&self, runtime: Runtime<'_>) -> TokenStream {
        let leaves = self.stored().map(|field| {
            let ty = &field.ty;
            quote!(&'static #ty)
        });
        tree(
            &leaves.collect::<Vec<_>>(),
            &|left, right| quote!(#runtime::Pair<#left, #right>),
        )
    }

    /// `Pair(__field_1, __field_2)`, a value to write or a pattern to read.
    pub(super) fn pairs(&self, runtime: Runtime<'_>) -> TokenStream {
        let leaves = self
            .bound()
            .filter(|(field, _)| !field.is_stream_id)
            .map(|(_, local)| quote!(#local));
        tree(
            &leaves.collect::<Vec<_>>(),
            &|left, right| quote!(#runtime::Pair(#left, #right)),
        )
    }

    /// `&[FieldSchema { name: "owner", schema: <String as Field>::schema }]`
    pub(super) fn schema(&self, runtime: Runtime<'_>) -> TokenStream {
        let fields = self.stored().map(|field| {
            let name = field.name.as_str();
            let field = as_field(field, runtime);
            quote!(#runtime::FieldSchema { name: #name, schema: #field::schema })
        });
        quote!(&[#(#fields),*])
    }
}

/// The bounds of all the records, each once.
pub(super) fn bounds<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    runtime: Runtime<'_>,
) -> TokenStream {
    let mut seen = HashSet::new();
    let fields = records.into_iter().flat_map(|record| &record.fields);
    fields
        .filter(|field| !field.is_recursive)
        .filter(|field| seen.insert((field.ty.to_token_stream().to_string(), field.is_stream_id)))
        .map(|field| bound(field, runtime))
        .collect()
}

fn bound(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &field.ty;
    let runtime = runtime.at(ty.span());
    if field.is_stream_id {
        quote_spanned!(ty.span()=> #ty: #runtime::StreamKey,)
    } else {
        quote_spanned!(ty.span()=> #ty: #runtime::Field,)
    }
}

/// `<String as Field>`, at the field's type.
pub(super) fn as_field(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &field.ty;
    let runtime = runtime.at(ty.span());
    quote_spanned!(ty.span()=> <#ty as #runtime::Field>)
}

fn pattern<'a>(bound: impl Iterator<Item = (&'a Field, Ident)>) -> TokenStream {
    bound
        .map(|(field, local)| {
            let ident = &field.ident;
            quote!(#ident: #local,)
        })
        .collect()
}

/// A balanced tree of pairs: its depth, and so the compiler's recursion, grows with the logarithm
/// of the number of fields. The shape is part of the stored format.
fn tree(
    leaves: &[TokenStream],
    pair: &dyn Fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    match leaves {
        [] => quote!(()),
        [leaf] => leaf.clone(),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().div_ceil(2));
            pair(tree(left, pair), tree(right, pair))
        }
    }
}
