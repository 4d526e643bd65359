//! The fields of a variant or a struct.

use quote::format_ident;
use syn::{Fields, Ident, LitStr, Type};

use super::personal::personal;
use super::{attribute, types};
use crate::diagnostic;
use crate::model::{Field, Record, Since, StoredName};
use crate::report::Report;

/// What `#[varve(..)]` can say of a field of an event, of an old layout, of a value.
pub(super) const EVENT_KEYS: &[&str] = &["name", "since", "default"];
pub(super) const REVISION_KEYS: &[&str] = &["name"];
pub(super) const VALUE_KEYS: &[&str] = &["name"];

/// Reads the fields that belong to `owner`, inside the type `own`, whose fields know these keys.
pub(crate) fn record(
    fields: &Fields,
    owner: &Ident,
    own: (&Ident, &[&str]),
    report: &mut Report,
) -> Record {
    match fields {
        Fields::Unit => Record::default(),
        Fields::Unnamed(tuple) => {
            report.fatal(tuple, diagnostic::tuple_fields(owner));
            Record::default()
        }
        Fields::Named(named) => Record {
            fields: named.named.iter().map(|f| field(f, own, report)).collect(),
            subject: None,
        },
    }
}

fn field(field: &syn::Field, (own, keys): (&Ident, &[&str]), report: &mut Report) -> Field {
    let ident = match &field.ident {
        Some(ident) => ident.clone(),
        None => format_ident!("unnamed"), // not met: the caller has named fields
    };
    let Settings { name, since } = settings(field, keys, report);
    let ty = owned_type(&field.ty, own, report);
    let is_stream_id = marks(field, name.as_ref(), since.as_ref(), report);
    let personal = personal(field, is_stream_id, report);
    Field {
        docs: attribute::docs(&field.attrs),
        name: StoredName::of_field(&ident, name),
        is_recursive: types::mentions(&ty, &own.to_string()),
        is_stream_id,
        since: since.filter(|_| !is_stream_id),
        personal,
        ty,
        ident,
    }
}

/// Whether the field is the stream's id, for which other settings are not.
fn marks(
    field: &syn::Field,
    name: Option<&LitStr>,
    since: Option<&Since>,
    report: &mut Report,
) -> bool {
    let stream_id = attribute::mark(&field.attrs, "stream_id", report);
    if let (Some(_), Some(name)) = (stream_id, name) {
        report.mistake(name, diagnostic::NAMED_STREAM_ID);
    }
    if let (Some(_), Some(since)) = (stream_id, since) {
        report.mistake(&since.literal, diagnostic::SINCE_ON_STREAM_ID);
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

/// What `#[varve(..)]` says of a field.
struct Settings {
    name: Option<LitStr>,
    since: Option<Since>,
}

fn settings(field: &syn::Field, keys: &[&str], report: &mut Report) -> Settings {
    let (mut name, mut since, mut default) = (None, None, None);
    let (mut has_since, mut default_key) = (false, None);
    attribute::varve(&field.attrs, keys, report, |key, setting| match key {
        "name" => name = setting.text(),
        "since" => {
            has_since = true;
            since = setting.revision();
        }
        _ => {
            default_key = Some(setting.key.clone());
            default = setting.expression();
        }
    });
    match (&since, &default_key) {
        (Some((_, literal)), None) => {
            report.fatal(literal, diagnostic::SINCE_WITHOUT_DEFAULT);
        }
        (None, Some(key)) if !has_since => report.fatal(key, diagnostic::DEFAULT_WITHOUT_SINCE),
        (Some((1, literal)), _) => report.mistake(literal, diagnostic::SINCE_FIRST),
        _ => {}
    }
    let since = since.filter(|(revision, _)| *revision > 1);
    Settings {
        name,
        since: since.map(|(revision, literal)| Since {
            revision,
            literal,
            default,
        }),
    }
}
