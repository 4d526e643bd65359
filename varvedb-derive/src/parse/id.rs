//! `#[derive(VarveId)]`.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields, Type};

use super::attribute;
use crate::diagnostic;
use crate::model::{Id, is_name};
use crate::report::Report;

/// Reads an id; `None` when it does not wrap one value, which has been reported.
pub(crate) fn id(input: TokenStream, report: &mut Report) -> Option<Id> {
    let input: DeriveInput = syn::parse2(input).map_err(|e| report.syntax(e)).ok()?;
    let (mut krate, mut subject) = (None, None);
    let keys = &["crate", "subject"];
    attribute::varve(&input.attrs, keys, report, |key, setting| match key {
        "crate" => krate = setting.path(),
        _ => subject = setting.text(),
    });
    if let Some(kind) = &subject
        && !is_name(&kind.value())
    {
        report.mistake(kind, diagnostic::MALFORMED_SUBJECT_KIND);
    }
    if !input.generics.params.is_empty() {
        report.fatal(&input.generics, diagnostic::GENERIC_ID);
        return None;
    }
    Some(Id {
        value: wrapped(&input, report)?,
        subject,
        krate: krate.unwrap_or_else(attribute::default_crate),
        ident: input.ident,
    })
}

fn wrapped(input: &DeriveInput, report: &mut Report) -> Option<Type> {
    let Data::Struct(data) = &input.data else {
        report.fatal(&input.ident, diagnostic::ID_SHAPE);
        return None;
    };
    let Fields::Unnamed(fields) = &data.fields else {
        report.fatal(&input.ident, diagnostic::ID_FIELDS);
        return None;
    };
    let mut values = fields.unnamed.iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        report.fatal(fields, diagnostic::ID_FIELDS);
        return None;
    };
    Some(value.ty.clone())
}
