//! From the model to tokens. Nothing fails here.
//!
//! What keeps one mistake one error, and the user's tools at home in the expansion:
//!
//! - Every impl repeats `where FieldType: Field` with all tokens at the field's type. A bound that
//!   is false without any parameter is reported once, where it stands, and silences the body.
//! - For the same reason views do not derive `Clone` and `Debug`: derived impls lack the bounds.
//! - Names keep the spans of the user's names, so that "go to definition" finds those.
//! - Expressions for which rustc would suggest an edit are *located* at the user's tokens but belong
//!   to the macro, so that it does not suggest edits in code nobody wrote.
//! - Locals are `mixed_site` and begin with `__`: the first keeps them apart from the user's locals,
//!   the second from constants, for which a pattern would be taken.

mod aggregate;
mod decode;
mod event;
pub(crate) mod fallback;
mod id;
mod personal;
mod projection;
mod record;
mod revision;
mod stored;
mod value;
mod view;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Path, parse_quote};

pub(crate) use self::aggregate::aggregate;
pub(crate) use self::event::event;
pub(crate) use self::id::id;
pub(crate) use self::projection::projection;
pub(crate) use self::revision::revision;
pub(crate) use self::value::value;

/// `::varvedb::__private`, the only door through which generated code enters the library.
#[derive(Clone, Copy)]
struct Runtime<'a>(&'a Path);

impl Runtime<'_> {
    /// The same path with every token at `span`.
    fn at(self, span: Span) -> TokenStream {
        at_span(self.to_token_stream(), span)
    }
}

impl ToTokens for Runtime<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let krate = self.0;
        tokens.extend(quote!(#krate::__private));
    }
}

/// The same tokens, outside of groups, at `span`.
fn at_span(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// A local of generated code.
fn local(name: &str) -> Ident {
    local_at(name, Span::mixed_site())
}

/// A local whose type is the user's to get wrong, at the place where it is said.
fn local_at(name: &str, span: Span) -> Ident {
    Ident::new(&format!("__{name}"), span)
}

/// At the user's tokens, but known to come from a macro.
fn located(tokens: &impl Spanned) -> Span {
    Span::mixed_site().located_at(tokens.span())
}

/// The user's own docs, or a sentence in their place: `missing_docs` also asks generated items.
fn docs_or(docs: &[Attribute], sentence: impl FnOnce() -> String) -> Vec<Attribute> {
    if docs.is_empty() {
        vec![doc(&sentence())]
    } else {
        docs.to_vec()
    }
}

fn doc(sentence: &str) -> Attribute {
    parse_quote!(#[doc = #sentence])
}

/// Generated items are guests: silent under the lints of the crate they stand in.
fn quiet() -> Attribute {
    parse_quote!(#[allow(dead_code, clippy::all, clippy::pedantic)])
}
