//! What can be told of a type from its tokens.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Lifetime, PathArguments, Type, TypeReference, parse_quote};

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

/// What a reference would be if it owned what it shows.
pub(crate) fn owned(reference: &TypeReference) -> Type {
    match &*reference.elem {
        Type::Slice(slice) => {
            let element = &slice.elem;
            parse_quote!(::std::vec::Vec<#element>)
        }
        other if name(other).is_some_and(|name| name == "str") => {
            parse_quote!(::std::string::String)
        }
        other => other.clone(),
    }
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

/// The name of a type that is a plain path.
pub(crate) fn name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        Type::Group(group) => name(&group.elem),
        _ => None,
    }
}

/// The only argument of a type such as `Vec<T>`.
pub(crate) fn argument(ty: &Type) -> Option<&Type> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last()?,
        Type::Group(group) => return argument(&group.elem),
        _ => return None,
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// Whether the type is `&Name` or, when `mutable`, `&mut Name`.
pub(crate) fn is_reference_to(ty: &Type, wanted: &str, mutable: bool) -> bool {
    reference(ty).is_some_and(|reference| {
        reference.mutability.is_some() == mutable
            && name(&reference.elem).is_some_and(|name| name == wanted)
    })
}

/// The first lifetime other than `'static`.
pub(crate) fn lifetime(tokens: TokenStream) -> Option<Lifetime> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (token, tokens.peek()) {
            (TokenTree::Punct(tick), Some(TokenTree::Ident(name)))
                if tick.as_char() == '\'' && name != "static" =>
            {
                return Some(Lifetime {
                    apostrophe: tick.span(),
                    ident: name.clone(),
                });
            }
            (TokenTree::Group(group), _) => {
                if let Some(found) = lifetime(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// The same tokens with every lifetime left to the compiler: `AccountOpened<'_>`.
pub(crate) fn with_inferred_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut inferred = TokenStream::new();
    let mut after_tick = false;
    for token in tokens {
        let token = match token {
            TokenTree::Ident(name) if after_tick && name != "static" => {
                TokenTree::Ident(Ident::new("_", name.span()))
            }
            TokenTree::Group(group) => {
                let stream = with_inferred_lifetimes(group.stream());
                let mut same = Group::new(group.delimiter(), stream);
                same.set_span(group.span());
                TokenTree::Group(same)
            }
            other => other,
        };
        after_tick = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        inferred.extend([token]);
    }
    inferred
}

/// Whether a name stands anywhere in the type.
pub(crate) fn mentions(ty: &Type, name: &str) -> bool {
    any_ident(ty.to_token_stream(), name)
}

fn any_ident(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => any_ident(group.stream(), name),
        _ => false,
    })
}
