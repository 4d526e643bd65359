//! What a handler does, as a number: the same for the same tokens, however they are laid out.
//!
//! The number is stored with snapshots, so it may not depend on the compiler: it is made of the tokens'
//! own text, by 64-bit FNV-1a. White space, comments, docs and trailing commas do not count.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ImplItemFn;

/// The fingerprint of the handler of an event: its parameters and its body.
pub(super) fn fingerprint(event: &Ident, handler: &ImplItemFn) -> u64 {
    let mut hash = Hash::default();
    hash.word(&event.to_string());
    hash.tokens(handler.sig.inputs.to_token_stream());
    hash.tokens(handler.block.to_token_stream());
    hash.0
}

struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner = tokens.next_if(|next| is_punct(next, '!'));
                    if tokens.next_if(is_doc).is_none() {
                        self.word("#");
                        self.word(if inner.is_some() { "!" } else { "" });
                    }
                }
                // Formatting puts a comma behind the last element, or takes it away.
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    let next = tokens.peek();
                    if next.is_some_and(|next| !is_punct(next, '>')) {
                        self.word(",");
                    }
                }
                TokenTree::Group(group) => {
                    let (open, close) = marks(group.delimiter());
                    self.word(open);
                    self.tokens(group.stream());
                    self.word(close);
                }
                // Without their spacing: `a == b` and `a = = b` are not both Rust.
                other => self.word(&other.to_string()),
            }
        }
    }

    /// Takes in a word, and where it ends.
    fn word(&mut self, word: &str) {
        for byte in word.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// `[doc = ".."]`, which is also what a `///` becomes.
fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}

/// A group without marks stands around what a `macro_rules` macro was given.
fn marks(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use syn::ImplItemFn;

    fn fingerprint(handler: &str) -> u64 {
        let handler: ImplItemFn = syn::parse_str(handler).unwrap();
        super::fingerprint(&syn::parse_quote!(Deposited), &handler)
    }

    const HANDLER: &str = "fn deposited(&mut self, e: AccountDeposited<'_>) { self.sums.push(Sum::new(e.amount, 1)) }";

    /// It is stored with snapshots: should it change, all of them are taken anew.
    #[test]
    fn the_fingerprint_of_a_handler_is_the_same_for_ever() {
        assert_eq!(fingerprint(HANDLER), 10_077_184_859_365_764_506);
    }

    #[test]
    fn layout_and_comments_do_not_count() {
        let formatted = "
            /// Takes a deposit in.
            fn deposited(
                &mut self,
                e: AccountDeposited<'_>,
            ) {
                // Sums are kept in order.
                self.sums
                    .push(Sum::new(
                        /* in cents */ e.amount,
                        1,
                    ))
            }";
        assert_eq!(fingerprint(formatted), fingerprint(HANDLER));
        let documented = "fn f(&mut self, e: E) {
            #![doc = \"What it does.\"]
            #[doc = \"A constant.\"] const ONE: u64 = 1;
        }";
        let plain = "fn f(&mut self, e: E) { const ONE: u64 = 1; }";
        assert_eq!(fingerprint(documented), fingerprint(plain));
    }

    #[test]
    fn every_other_change_counts() {
        let changes = [
            ("e.amount, 1", "e.amount, 2"),
            ("e.amount, 1", "1, e.amount"),
            ("e.amount, 1", "(e.amount), 1"),
            ("sums.push", "sum.push"),
            ("&mut self, e", "e"),
            ("Sum::new", "Sum :: < u8 > :: new"),
            ("{ self", "{ #[allow(unused)] self"),
        ];
        let mut seen = vec![fingerprint(HANDLER)];
        for (old, new) in changes {
            let other = fingerprint(&HANDLER.replace(old, new));
            assert!(!seen.contains(&other), "{old} became {new}");
            seen.push(other);
        }
        let handler: ImplItemFn = syn::parse_str(HANDLER).unwrap();
        let other = super::fingerprint(&syn::parse_quote!(Withdrawn), &handler);
        assert!(!seen.contains(&other));
    }
}
