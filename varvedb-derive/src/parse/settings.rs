//! Settings: what stands between the parentheses of `#[varve(..)]`, `#[aggregate(..)]` and
//! `#[projection(..)]`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Ident, LitInt, LitStr, Path, Token, Type};

use crate::diagnostic;
use crate::report::Report;

/// One `key`, `key = value` or `key(..)`.
pub(crate) struct Setting<'a> {
    pub(super) key: Ident,
    pub(super) input: ParseStream<'a>,
    pub(super) report: &'a mut Report,
}

/// Hands each setting whose key is in `known` to `take`.
///
/// A misspelt key is reported once and then taken for what was meant, so that nothing seems to be
/// missing besides.
pub(crate) fn settings(
    tokens: TokenStream,
    known: &[&str],
    report: &mut Report,
    take: impl FnMut(&str, Setting<'_>),
) {
    settings_of(tokens, (known, no_home), report, take);
}

/// Says of a key where it belongs, if that is known.
type Home = fn(&str) -> Option<&'static str>;

fn no_home(_: &str) -> Option<&'static str> {
    None
}

/// The same, where `home` says of some other keys where they belong.
pub(super) fn settings_of(
    tokens: TokenStream,
    (known, home): (&[&str], Home),
    report: &mut Report,
    mut take: impl FnMut(&str, Setting<'_>),
) {
    let parser = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            let key = Ident::parse_any(input)?;
            if let Some(name) = known_key(&key, (known, home), report) {
                if seen.contains(&name) {
                    report.mistake(&key, diagnostic::key_twice(name));
                } else {
                    seen.push(name);
                    take(name, Setting { key, input, report });
                }
            }
            skip_to_comma(input);
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        report.syntax(error);
    }
}

impl Setting<'_> {
    /// `key = "text"`.
    pub(crate) fn text(self) -> Option<LitStr> {
        self.value(diagnostic::takes_text)
    }

    /// `key = 1`.
    pub(crate) fn number(self) -> Option<LitInt> {
        self.value(diagnostic::takes_number)
    }

    /// `key = 1`, or more; `zero` is said of less.
    pub(super) fn count(mut self, zero: &str) -> Option<u64> {
        let number = self.again().number()?;
        match number.base10_parse() {
            Ok(0) => self.report.mistake(number, zero),
            Ok(count) => return Some(count),
            Err(_) => {
                let sentence = diagnostic::number_too_large(&self.key.to_string());
                self.report.mistake(number, sentence);
            }
        }
        None
    }

    /// `key = 2`, a revision: 1 to 65535.
    pub(super) fn revision(mut self) -> Option<(u16, LitInt)> {
        let number = self.again().number()?;
        match number.base10_parse() {
            _ if number.base10_digits().starts_with('-') => {
                self.report.fatal(number, diagnostic::REVISION_ZERO);
            }
            Ok(0) => self.report.fatal(number, diagnostic::REVISION_ZERO),
            Ok(revision) => return Some((revision, number)),
            Err(_) => self.report.fatal(number, diagnostic::REVISION_TOO_LARGE),
        }
        None
    }

    /// `key = expression`.
    pub(super) fn expression(self) -> Option<Expr> {
        self.value(diagnostic::takes_expression)
    }

    /// `key = "text"`, or `key("text", "text")`.
    pub(super) fn texts(self) -> Vec<LitStr> {
        if self.input.peek(Token![=]) {
            return self.text().into_iter().collect();
        }
        let key = self.key.to_string();
        let parser = |input: ParseStream<'_>| {
            let content;
            syn::parenthesized!(content in input);
            content.parse_terminated(<LitStr as Parse>::parse, Token![,])
        };
        match parser.parse2(rest(self.input)) {
            Ok(texts) if !texts.is_empty() => texts.into_iter().collect(),
            _ => {
                self.report
                    .mistake(&self.key, diagnostic::takes_texts(&key));
                Vec::new()
            }
        }
    }

    /// `key = "5ms"`, in microseconds.
    pub(super) fn micros(mut self) -> Option<u64> {
        let text: LitStr = self.again().value(diagnostic::takes_duration)?;
        let key = self.key.to_string();
        match micros(&text.value()) {
            Some(0) => self.report.mistake(text, diagnostic::no_time(&key)),
            Some(micros) => return Some(micros),
            None => self.report.mistake(text, diagnostic::takes_duration(&key)),
        }
        None
    }

    /// `key = path::to::it`.
    pub(crate) fn path(self) -> Option<Path> {
        self.parsed(Path::parse_mod_style, diagnostic::takes_path)
    }

    /// `key = Type`.
    pub(crate) fn ty(self) -> Option<Type> {
        self.value(diagnostic::takes_type)
    }

    /// `key(path, path)`.
    pub(crate) fn paths(self, example: &str) -> Option<Vec<Path>> {
        let key = self.key.to_string();
        let list = rest(self.input);
        let parser = |input: ParseStream<'_>| {
            let content;
            syn::parenthesized!(content in input);
            content.parse_terminated(Path::parse_mod_style, Token![,])
        };
        let Ok(paths) = parser.parse2(list) else {
            let sentence = diagnostic::takes_paths(&key, example);
            self.report.mistake(&self.key, sentence);
            return None;
        };
        Some(paths.into_iter().collect())
    }

    /// `key(inner = ..)`, with the one thing that an inner setting gives.
    pub(crate) fn nested<T>(
        self,
        example: &str,
        known: &[&str],
        mut take: impl FnMut(&str, Setting<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut taken = None;
        let list = rest(self.input);
        match syn::parse2::<proc_macro2::Group>(list) {
            Ok(group) if group.delimiter() == Delimiter::Parenthesis => {
                settings(group.stream(), known, self.report, |key, setting| {
                    taken = take(key, setting);
                });
            }
            _ => {
                let sentence = diagnostic::takes_settings(&self.key.to_string(), example);
                self.report.mistake(&self.key, sentence);
            }
        }
        taken
    }

    /// The same setting, for whoever has more to say about it than what is read of it.
    pub(super) fn again(&mut self) -> Setting<'_> {
        Setting {
            key: self.key.clone(),
            input: self.input,
            report: self.report,
        }
    }

    /// `key` alone.
    pub(crate) fn flag(self) -> Ident {
        if !at_end(self.input) {
            let sentence = diagnostic::takes_nothing(&self.key.to_string());
            self.report.mistake(rest(self.input), sentence);
        }
        self.key
    }

    fn value<T: Parse>(self, sentence: fn(&str) -> String) -> Option<T> {
        self.parsed(T::parse, sentence)
    }

    fn parsed<T>(
        self,
        parse: fn(ParseStream<'_>) -> syn::Result<T>,
        sentence: fn(&str) -> String,
    ) -> Option<T> {
        let key = self.key.to_string();
        if self.input.parse::<Token![=]>().is_err() || at_end(self.input) {
            self.report.mistake(&self.key, sentence(&key));
            return None;
        }
        let ahead = self.input.fork();
        if parse(&ahead).is_ok() && at_end(&ahead) {
            return parse(self.input).ok();
        }
        self.report.mistake(rest(self.input), sentence(&key));
        None
    }
}

/// The microseconds in a text such as `5ms`.
fn micros(text: &str) -> Option<u64> {
    // The end of one unit is another, so in this order.
    const UNITS: [(&str, u64); 3] = [("us", 1), ("ms", 1_000), ("s", 1_000_000)];
    let (number, micros) = UNITS
        .iter()
        .find_map(|(unit, micros)| Some((text.strip_suffix(unit)?, micros)))?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| is_plain)?;
    number.checked_mul(*micros)
}

/// The known key that is written here, or was meant.
fn known_key<'k>(
    key: &Ident,
    (known, home): (&[&'k str], Home),
    report: &mut Report,
) -> Option<&'k str> {
    let written = key.to_string();
    if let Some(name) = known.iter().find(|name| **name == written) {
        return Some(name);
    }
    if let Some(home) = home(&written) {
        report.mistake(key, diagnostic::stray_key(&written, home));
        return None;
    }
    let meant = diagnostic::nearest(&written, known);
    report.mistake(key, diagnostic::unknown_key(&written, meant, known));
    meant
}

fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// Everything up to the next comma.
pub(super) fn rest(input: ParseStream<'_>) -> TokenStream {
    let mut rest = TokenStream::new();
    while !at_end(input) {
        match input.parse::<TokenTree>() {
            Ok(token) => rest.extend([token]),
            Err(_) => break,
        }
    }
    rest
}

/// What is left belongs to a key that has been reported.
fn skip_to_comma(input: ParseStream<'_>) {
    rest(input);
    let _ = input.parse::<Token![,]>();
}
