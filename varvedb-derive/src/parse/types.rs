//! What can be told of a type from its tokens.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Type, TypeReference};

/// The same type with `Self` written out: generated code stands in other impls.
pub(crate) fn without_self(ty: &Type, own: &Ident) -> Type {
    syn::parse2(replace_self(ty.to_token_stream(), own)).unwrap_or_else(|_| ty.clone())
}

/// The reference that a type is, also behind the invisible group of a `macro_rules` fragment.
pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Reference(reference) => Some(reference),
        Type::Group(group) => reference(&group.elem),
        Type::Paren(paren) => reference(&paren.elem),
        _ => None,
    }
}

/// Whether the type is a reference.
pub(crate) fn is_reference(ty: &Type) -> bool {
    reference(ty).is_some()
}

fn replace_self(tokens: TokenStream, own: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut name = own.clone();
                name.set_span(ident.span());
                TokenTree::Ident(name)
            }
            TokenTree::Group(group) => {
                let mut same = Group::new(group.delimiter(), replace_self(group.stream(), own));
                same.set_span(group.span());
                TokenTree::Group(same)
            }
            other => other,
        })
        .collect()
}
