//! The mistakes found so far, and the two ways in which a macro settles them.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects every mistake, so that one build shows them all.
#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<syn::Error>,
    fatal: bool,
}

impl Report {
    /// A mistake that leaves a shape to expand: what else is wrong in the program stays quiet.
    pub(crate) fn mistake(&mut self, at: impl ToTokens, sentence: impl Display) {
        self.syntax(syn::Error::new_spanned(at, sentence));
    }

    /// A mistake after which the true expansion would only repeat it: the fallback stands in.
    pub(crate) fn fatal(&mut self, at: impl ToTokens, sentence: impl Display) {
        self.fatal = true;
        self.mistake(at, sentence);
    }

    /// Whether the fallback will stand in.
    pub(crate) fn is_fatal(&self) -> bool {
        self.fatal
    }

    /// A mistake that syn found and worded.
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// How many mistakes there are, to see whether a step found any.
    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }

    /// The errors alone, for input that is not even the right kind of item.
    pub(crate) fn errors(&self) -> TokenStream {
        self.errors
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }

    /// The errors, and behind them the expansion or, after a fatal mistake, the fallback.
    pub(crate) fn settle(
        &self,
        expand: impl FnOnce() -> TokenStream,
        fallback: impl FnOnce() -> TokenStream,
    ) -> TokenStream {
        let mut tokens = self.errors();
        tokens.extend(if self.fatal { fallback() } else { expand() });
        tokens
    }
}
