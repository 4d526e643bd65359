//! The fields of a variant or a struct.

use quote::format_ident;
use syn::{Fields, Ident, LitStr, Type};

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
    let ty = owned_type(&field.ty, own, report);
    let is_stream_id = marks(field, name.as_ref(), report);
    Field {
        docs: attribute::docs(&field.attrs),
        name: StoredName::of_field(&ident, name),
        is_recursive: types::mentions(&ty, &own.to_string()),
        is_stream_id,
        ty,
        ident,
    }
}

/// Whether the field is the stream's id; other marks are not for it, or not for this version.
fn marks(field: &syn::Field, name: Option<&LitStr>, report: &mut Report) -> bool {
    let stream_id = attribute::mark(&field.attrs, "stream_id", report);
    let before = report.count();
    let pii = attribute::mark(&field.attrs, "pii", report);
    let is_pii_wrong = report.count() > before;
    match (stream_id, pii, name) {
        (_, Some(_), _) if is_pii_wrong => {}
        (Some(_), Some(pii), _) => report.mistake(pii, diagnostic::PII_ON_ID),
        (None, Some(pii), _) => report.mistake(pii, diagnostic::PII_UNSUPPORTED),
        (Some(_), None, Some(name)) => report.mistake(name, diagnostic::NAMED_STREAM_ID),
        _ => {}
    }
    stream_id.is_some()
}

/// The type; instead of a reference the owned type that was meant, so that handlers find its view.
fn owned_type(ty: &Type, own: &Ident, report: &mut Report) -> Type {
    match types::reference(ty) {
        Some(reference) => {
            report.fatal(reference, diagnostic::REFERENCE_FIELD);
            types::owned(reference)
        }
        None => types::without_self(ty, own),
    }
}

/// The name given by `#[varve(name = "..")]`. A field that came later needs revisions.
fn stored_name(field: &syn::Field, report: &mut Report) -> Option<LitStr> {
    let mut name = None;
    let mut later = None;
    attribute::varve(&field.attrs, KEYS, report, |key, setting| {
        if key == "name" {
            name = setting.text();
        } else {
            later.get_or_insert((diagnostic::evolution_unsupported(key), setting.whole()));
        }
    });
    if let Some((sentence, setting)) = later {
        report.mistake(setting, sentence);
    }
    name
}
