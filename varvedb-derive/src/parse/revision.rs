//! `#[derive(VarveRevision)]`.

use proc_macro2::TokenStream;
use syn::{Data, DataStruct, DeriveInput};

use super::{attribute, record};
use crate::diagnostic;
use crate::model::Revision;
use crate::report::Report;

/// Reads an old layout; `None` when the item is no struct, which has been reported.
pub(crate) fn revision(input: TokenStream, report: &mut Report) -> Option<Revision> {
    let input: DeriveInput = syn::parse2(input).map_err(|e| report.syntax(e)).ok()?;
    let data = structure(&input, report)?;
    let mut krate = None;
    attribute::varve(&input.attrs, &["crate"], report, |_, setting| {
        krate = setting.path();
    });
    let own = (&input.ident, record::REVISION_KEYS);
    Some(Revision {
        record: record::record(&data.fields, &input.ident, own, report),
        krate: krate.unwrap_or_else(attribute::default_crate),
        docs: attribute::docs(&input.attrs),
        vis: input.vis,
        ident: input.ident,
        generics: input.generics,
    })
}

fn structure<'a>(input: &'a DeriveInput, report: &mut Report) -> Option<&'a DataStruct> {
    match &input.data {
        Data::Struct(data) => return Some(data),
        Data::Enum(data) => report.fatal(data.enum_token, diagnostic::REVISION_ON_ENUM),
        Data::Union(data) => report.fatal(data.union_token, diagnostic::REVISION_ON_UNION),
    }
    None
}
