//! The fields of a variant or a struct.

use quote::format_ident;
use syn::{Fields, Ident};

use super::{attribute, types};
use crate::diagnostic;
use crate::model::{Field, Record, StoredName};
use crate::report::Report;

const KEYS: &[&str] = &["name", "since", "default"];

/// Reads the fields that belong to `owner`, inside the type `own`.
pub(crate) fn record(fields: &Fields, owner: &Ident, own: &Ident, report: &mut Report) -> Record {
    match fields {
        Fields::Unit => Record::default(),
        Fields::Unnamed(tuple) => {
            report.fatal(tuple, diagnostic::tuple_fields(owner));
            Record::default()
        }
        Fields::Named(named) => Record {
            fields: named.named.iter().map(|f| field(f, own, report)).collect(),
        },
    }
}

fn field(field: &syn::Field, own: &Ident, report: &mut Report) -> Field {
    let ident = match &field.ident {
        Some(ident) => ident.clone(),
        None => format_ident!("unnamed"), // not met: the caller has named fields
    };
    let name = stored_name(field, report);
    let stream_id = attribute::mark(&field.attrs, "stream_id", report);
    let pii = attribute::mark(&field.attrs, "pii", report);
    match (stream_id, pii, &name) {
        (Some(_), Some(pii), _) => report.mistake(pii, diagnostic::PII_ON_ID),
        (None, Some(pii), _) => report.mistake(pii, diagnostic::PII_UNSUPPORTED),
        (Some(_), None, Some(name)) => report.mistake(name, diagnostic::NAMED_STREAM_ID),
        _ => {}
    }
    if let Some(reference) = types::reference(&field.ty) {
        report.fatal(reference, diagnostic::REFERENCE_FIELD);
    }
    Field {
        docs: attribute::docs(&field.attrs),
        name: StoredName::of_field(&ident, name),
        ty: types::without_self(&field.ty, own),
        is_stream_id: stream_id.is_some(),
        ident,
    }
}

/// The name given by `#[varve(name = "..")]`. A field that came later needs revisions.
fn stored_name(field: &syn::Field, report: &mut Report) -> Option<syn::LitStr> {
    let mut name = None;
    let mut later = None;
    attribute::varve(&field.attrs, KEYS, report, |key, setting| match key {
        "name" => name = setting.text(),
        _ => {
            let setting = setting.whole();
            later.get_or_insert((diagnostic::evolution_unsupported(key), setting));
        }
    });
    if let Some((sentence, setting)) = later {
        report.mistake(setting, sentence);
    }
    name
}
