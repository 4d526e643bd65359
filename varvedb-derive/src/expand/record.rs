//! Records: the fields of one event or value, as patterns, types, expressions and schemas.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::personal::{as_personal, box_local, box_schema, clear_shape, subject_bound};
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
            } else if field.personal.is_some() {
                let view = self.view_native(field, &local, runtime);
                quote!(#ident: #view,)
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
            } else if field.personal.is_some() {
                let personal = as_personal(field, runtime);
                quote!(#ident: #personal::from_view(#local),)
            } else {
                let field = as_field(field, runtime);
                quote!(#ident: #field::from_view(#local),)
            }
        });
        fields.collect()
    }

    /// `Pair<<String as Field>::Archived, <i64 as Field>::Archived>`, the stored form.
    pub(super) fn archived(&self, runtime: Runtime<'_>) -> TokenStream {
        let clear = self.parts().map(|(field, _)| {
            let field = as_stored(field, runtime);
            quote!(#field::Archived)
        });
        let boxes = self.boxes();
        let boxes = boxes
            .iter()
            .map(|_| quote!(<#runtime::SealedBytes as #runtime::Field>::Archived));
        tree(
            &clear.chain(boxes).collect::<Vec<_>>(),
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
        let clear = self.parts().map(|(_, local)| quote!(#local));
        let boxes = (0..self.boxes().len()).map(|number| box_local(number).to_token_stream());
        tree(
            &clear.chain(boxes).collect::<Vec<_>>(),
            &|left, right| quote!(#runtime::Pair(#left, #right)),
        )
    }

    /// `&[FieldSchema { name: "owner", schema: <String as Field>::schema }]`
    pub(super) fn schema(&self, runtime: Runtime<'_>) -> TokenStream {
        let clear = self.parts().map(|(field, _)| {
            let name = field.name.as_str();
            let field = as_stored(field, runtime);
            quote!(#runtime::FieldSchema { name: #name, schema: #field::schema })
        });
        let boxes = self.boxes();
        let boxes = boxes.iter().map(|sealed| box_schema(sealed, runtime));
        let fields = clear.chain(boxes);
        quote!(&[#(#fields),*])
    }
}

impl Record {
    /// What of the fields is stored in the clear, with the local that stands for it; boxes come behind.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&Field, Ident)> {
        let shapes: Vec<_> = self.shapes().collect();
        let stored = self.bound().filter(|(field, _)| !field.is_stream_id);
        stored.filter_map(move |(field, local)| {
            if field.personal.is_none() {
                Some((field, local))
            } else {
                let shape = shapes
                    .iter()
                    .find(|(other, _, _)| other.ident == field.ident);
                shape.map(|(_, _, shape)| (field, shape.clone()))
            }
        })
    }
}

/// `<String as Field>` of a field, `<bool as Field>` of the shape of a personal one.
fn as_stored(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    match &field.personal {
        None => as_field(field, runtime),
        Some(_) => clear_shape(field, runtime),
    }
}

/// The bounds of all the records, each once.
pub(super) fn bounds<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    runtime: Runtime<'_>,
) -> TokenStream {
    let records: Vec<&Record> = records.into_iter().collect();
    let mut seen = HashSet::new();
    let fields = records.iter().flat_map(|record| &record.fields);
    let of_fields = fields
        .filter(|field| !field.is_recursive)
        .filter(|field| seen.insert((field.ty.to_token_stream().to_string(), field.is_stream_id)))
        .map(|field| bound(field, runtime));
    let mut bounds: TokenStream = of_fields.collect();
    let mut seen = HashSet::new();
    for sealed in records.iter().flat_map(|record| record.boxes()) {
        if seen.insert(sealed.subject.ty.to_token_stream().to_string()) {
            bounds.extend(subject_bound(sealed.subject, runtime));
        }
    }
    bounds
}

fn bound(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &field.ty;
    let runtime = runtime.at(ty.span());
    if field.is_stream_id {
        quote_spanned!(ty.span()=> #ty: #runtime::StreamKey,)
    } else if field.personal.is_some() {
        quote_spanned!(ty.span()=> #ty: #runtime::Personal,)
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
pub(super) fn tree(
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
