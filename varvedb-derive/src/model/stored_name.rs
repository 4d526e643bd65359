//! Names as they are stored: of streams, event types and fields.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Ident, LitStr};

/// The name of a variant or a field in the log: its Rust name, or the one it was given.
#[derive(Clone)]
pub(crate) struct StoredName {
    text: String,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Rust(Ident),
    Given(LitStr),
}

impl StoredName {
    /// `Opened` is stored as `opened`.
    pub(crate) fn of_variant(variant: &Ident, given: Option<LitStr>) -> Self {
        Self::new(variant, lower_snake(&variant.unraw().to_string()), given)
    }

    /// `r#type` is stored as `type`.
    pub(crate) fn of_field(field: &Ident, given: Option<LitStr>) -> Self {
        Self::new(field, field.unraw().to_string(), given)
    }

    /// A name that no longer is the one of a variant.
    pub(crate) fn former(literal: LitStr) -> Self {
        Self {
            text: literal.value(),
            source: Source::Given(literal),
        }
    }

    fn new(ident: &Ident, text: String, given: Option<LitStr>) -> Self {
        match given {
            Some(literal) => Self {
                text: literal.value(),
                source: Source::Given(literal),
            },
            None => Self {
                text,
                source: Source::Rust(ident.clone()),
            },
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is made of `a-z`, `0-9` and `_`.
    pub(crate) fn is_well_formed(&self) -> bool {
        !self.text.is_empty() && self.text.bytes().all(is_name_byte)
    }

    /// Whether the user chose it, rather than the Rust name.
    pub(crate) fn is_given(&self) -> bool {
        matches!(self.source, Source::Given(_))
    }
}

impl ToTokens for StoredName {
    /// The place in the user's code where the name comes from.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.source {
            Source::Rust(ident) => ident.to_tokens(tokens),
            Source::Given(literal) => literal.to_tokens(tokens),
        }
    }
}

/// The category of streams that an event enum belongs to.
pub(crate) struct Category(LitStr);

impl Category {
    /// As many bytes as `varvedb::Category` takes.
    pub(crate) const MAX_BYTES: usize = 64;

    pub(crate) fn new(literal: LitStr) -> Self {
        Self(literal)
    }

    pub(crate) fn text(&self) -> String {
        self.0.value()
    }

    /// Whether it is 1 to 64 of `a-z`, `0-9` and `_`, a letter first.
    pub(crate) fn is_well_formed(&self) -> bool {
        is_name(&self.text())
    }
}

impl ToTokens for Category {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// Whether the text is 1 to 64 of `a-z`, `0-9` and `_`, a letter first, as names of categories and
/// projections are.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= Category::MAX_BYTES
        && text.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')
}

/// `HTTPRequested` becomes `http_requested`: a word begins at a capital after a small letter, and
/// at the last capital before one.
fn lower_snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, &char) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|before| chars.get(before));
        let after = chars.get(i + 1);
        if char.is_uppercase()
            && before.is_some_and(|before| {
                *before != '_'
                    && (!before.is_uppercase() || after.is_some_and(|c| c.is_lowercase()))
            })
        {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::lower_snake;

    #[test]
    fn words_begin_where_a_reader_would_begin_them() {
        for (rust, stored) in [
            ("Opened", "opened"),
            ("AccountOpened", "account_opened"),
            ("HTTPRequested", "http_requested"),
            ("PaidByCardV2", "paid_by_card_v2"),
            ("V2Opened", "v2_opened"),
            ("Already_Snake", "already_snake"),
        ] {
            assert_eq!(lower_snake(rust), stored);
        }
    }
}
