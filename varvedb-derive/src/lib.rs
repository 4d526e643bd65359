//! The macros of VarveDB. Use them through the `varvedb` crate, which documents them.
//!
//! Each goes the same way: `parse` reads the tokens into the `model`, `validate` looks at its parts
//! beside each other, `expand` writes code and cannot fail. Mistakes are collected on the way in a
//! `Report`, which settles them at the end; what it can say is in `diagnostic`.

mod diagnostic;
mod expand;
mod model;
mod parse;
mod report;
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
