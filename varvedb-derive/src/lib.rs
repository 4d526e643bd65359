//! The macros of VarveDB. Use them through the `varvedb` crate, which documents them, with all attributes: `#[varve(..)]`,
//! `#[stream_id]` and `#[pii(..)]`.
//!
//! Each goes the same way: `parse` reads the tokens into the `model`, `validate` looks at its parts
//! beside each other, `expand` writes code and cannot fail. Mistakes are collected on the way in a
//! `Report`, which settles them at the end; what it can say is in `diagnostic`.

mod diagnostic;
mod expand;
mod model;
mod parse;
mod report;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;

use crate::report::Report;

/// Makes an enum the events of one aggregate.
#[proc_macro_derive(VarveEvent, attributes(varve, stream_id, pii))]
pub fn varve_event(input: TokenStream) -> TokenStream {
    event(input.into()).into()
}

/// Makes a struct around one value the id of streams.
#[proc_macro_derive(VarveId, attributes(varve))]
pub fn varve_id(input: TokenStream) -> TokenStream {
    id(input.into()).into()
}

/// Makes a struct the layout that an event had in an old revision.
#[proc_macro_derive(VarveRevision, attributes(varve, stream_id, pii))]
pub fn varve_revision(input: TokenStream) -> TokenStream {
    revision(input.into()).into()
}

/// Makes a struct or an enum a value that events can hold.
#[proc_macro_derive(VarveValue, attributes(varve, stream_id, pii))]
pub fn varve_value(input: TokenStream) -> TokenStream {
    value(input.into()).into()
}

/// Makes the type of an `impl` block an aggregate.
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    aggregate_block(arguments.into(), item.into()).into()
}

/// Makes the type of an `impl` block a projection.
#[proc_macro_attribute]
pub fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    projection_block(arguments.into(), item.into()).into()
}

/// Marks a command inside `#[aggregate(..)] impl`.
#[proc_macro_attribute]
pub fn command(_: TokenStream, item: TokenStream) -> TokenStream {
    stray("command", "aggregate", item.into()).into()
}

/// Marks an event handler inside `#[aggregate(..)] impl`.
#[proc_macro_attribute]
pub fn apply(_: TokenStream, item: TokenStream) -> TokenStream {
    stray("apply", "aggregate", item.into()).into()
}

/// Marks an event handler inside `#[projection(..)] impl`.
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    stray("on", "projection", item.into()).into()
}

fn event(input: Tokens) -> Tokens {
    let mut report = Report::default();
    let Some(event) = parse::event(input, &mut report) else {
        return report.errors();
    };
    validate::event(&event, &mut report);
    report.settle(|| expand::event(&event), || expand::fallback::event(&event))
}

fn id(input: Tokens) -> Tokens {
    let mut report = Report::default();
    match parse::id(input, &mut report) {
        Some(id) => report.settle(|| expand::id(&id), Tokens::new),
        None => report.errors(),
    }
}

fn revision(input: Tokens) -> Tokens {
    let mut report = Report::default();
    let Some(revision) = parse::revision(input, &mut report) else {
        return report.errors();
    };
    validate::revision(&revision, &mut report);
    report.settle(
        || expand::revision(&revision),
        || expand::fallback::revision(&revision),
    )
}

fn value(input: Tokens) -> Tokens {
    let mut report = Report::default();
    let Some(value) = parse::value(input, &mut report) else {
        return report.errors();
    };
    validate::value(&value, &mut report);
    report.settle(|| expand::value(&value), || expand::fallback::value(&value))
}

fn aggregate_block(arguments: Tokens, item: Tokens) -> Tokens {
    let mut report = Report::default();
    let Some(aggregate) = parse::aggregate(arguments, item.clone(), &mut report) else {
        return report.settle(Tokens::new, || item);
    };
    validate::aggregate(&aggregate, &mut report);
    report.settle(
        || expand::aggregate(&aggregate),
        || expand::fallback::aggregate(&aggregate),
    )
}

fn projection_block(arguments: Tokens, item: Tokens) -> Tokens {
    let mut report = Report::default();
    let Some(projection) = parse::projection(arguments, item.clone(), &mut report) else {
        return report.settle(Tokens::new, || item);
    };
    validate::projection(&projection, &mut report);
    report
        .errors()
        .into_iter()
        .chain(expand::projection(&projection))
        .collect()
}

/// A helper attribute outside the block that would have taken it off; the method goes back as it is.
fn stray(mark: &str, home: &str, item: Tokens) -> Tokens {
    let mut report = Report::default();
    report.mistake(
        proc_macro2::Ident::new(mark, proc_macro2::Span::call_site()),
        diagnostic::stray(mark, home),
    );
    report.settle(|| item, Tokens::new)
}
