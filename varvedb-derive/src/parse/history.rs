//! `history(PlacedV1, split(PlacedV2))`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Path, Token};

use super::settings::{Setting, rest};
use crate::diagnostic;
use crate::model::Layout;

/// One thing between the commas.
struct Listed {
    path: Path,
    /// What stands in parentheses behind it.
    inside: Option<TokenStream>,
}

impl Parse for Listed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = Path::parse_mod_style(input)?;
        let inside = if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Some(content.parse()?)
        } else {
            None
        };
        Ok(Self { path, inside })
    }
}

/// The older layouts, oldest first; `None` after a mistake, which has been reported.
pub(super) fn layouts(setting: Setting<'_>) -> Option<Vec<Layout>> {
    let parser = |input: ParseStream<'_>| {
        let content;
        syn::parenthesized!(content in input);
        content.parse_terminated(Listed::parse, Token![,])
    };
    let Setting { key, input, report } = setting;
    let listed = parser.parse2(rest(input));
    let is_layout = |listed: &Listed| listed.inside.is_none() || listed.path.is_ident("split");
    let Some(listed) = listed.ok().filter(|list| list.iter().all(is_layout)) else {
        let sentence = diagnostic::takes_paths(&key.to_string(), "OpenedV1, OpenedV2");
        report.mistake(&key, sentence);
        return None;
    };
    if let Some(mistaken) = listed.iter().find(|listed| layout(listed).is_none()) {
        report.fatal(&mistaken.path, diagnostic::SPLIT);
        return None;
    }
    Some(listed.iter().filter_map(layout).collect())
}

fn layout(listed: &Listed) -> Option<Layout> {
    let is_split = listed.path.is_ident("split");
    let path = match &listed.inside {
        None if is_split => return None,
        None => listed.path.clone(),
        Some(inside) => Path::parse_mod_style.parse2(inside.clone()).ok()?,
    };
    Some(Layout { path, is_split })
}
