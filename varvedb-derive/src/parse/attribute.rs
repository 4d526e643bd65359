//! The attributes that the derives understand.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta, Path, parse_quote};

use super::settings::{Setting, settings, settings_of};
use crate::diagnostic;
use crate::report::Report;

/// Hands every setting of every `#[varve(..)]` to `take`.
pub(crate) fn varve(
    attributes: &[Attribute],
    known: &[&str],
    report: &mut Report,
    mut take: impl FnMut(&str, Setting<'_>),
) {
    let mut tokens = TokenStream::new();
    for attribute in named(attributes, "varve") {
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                tokens.extend(list.tokens.clone());
                if !ends_with_comma(&list.tokens) {
                    tokens.extend(quote::quote!(,));
                }
            }
            meta => report.mistake(meta, diagnostic::empty_varve(known)),
        }
    }
    settings_of(tokens, (known, diagnostic::home_of), report, &mut take);
}

/// As where settings stand below each other.
fn ends_with_comma(tokens: &TokenStream) -> bool {
    let last = tokens.clone().into_iter().last();
    matches!(last, Some(TokenTree::Punct(last)) if last.as_char() == ',')
}

/// The attribute that is a mark without arguments, such as `#[stream_id]`.
pub(crate) fn mark<'a>(
    attributes: &'a [Attribute],
    name: &str,
    report: &mut Report,
) -> Option<&'a Attribute> {
    let mut marks = named(attributes, name);
    let mark = marks.next()?;
    if mark.meta.require_path_only().is_err() {
        report.mistake(&mark.meta, diagnostic::mark_takes_nothing(name));
    }
    for again in marks {
        report.mistake(again, diagnostic::mark_twice(name));
    }
    Some(mark)
}

/// Hands every setting of a `#[pii(..)]` to `take`; without parentheses there is none.
pub(super) fn pii(
    mark: &Attribute,
    known: &[&str],
    report: &mut Report,
    take: impl FnMut(&str, Setting<'_>),
) {
    match &mark.meta {
        Meta::Path(_) => {}
        Meta::List(list) if !list.tokens.is_empty() => {
            settings(list.tokens.clone(), known, report, take);
        }
        meta => report.mistake(meta, diagnostic::empty_pii(known)),
    }
}

/// The doc comments.
pub(crate) fn docs(attributes: &[Attribute]) -> Vec<Attribute> {
    named(attributes, "doc").cloned().collect()
}

/// Where generated code finds the library unless `crate = ..` says otherwise.
pub(crate) fn default_crate() -> Path {
    parse_quote!(::varvedb)
}

pub(super) fn named<'a>(
    attributes: &'a [Attribute],
    name: &str,
) -> impl Iterator<Item = &'a Attribute> {
    attributes
        .iter()
        .filter(move |attribute| attribute.path().is_ident(name))
}
