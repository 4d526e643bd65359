//! `#[pii]` and what it says of a field.

use syn::{Attribute, Ident, Path, Type};

use super::settings::Setting;
use super::{attribute, types};
use crate::diagnostic;
use crate::model::{Personal, PiiShape};
use crate::report::Report;

const KEYS: &[&str] = &["subject", "purpose", "fallback", "lookup"];

/// What makes a field personal; none of a field that is not, or is marked where it cannot be.
pub(super) fn personal(
    field: &syn::Field,
    is_stream_id: bool,
    report: &mut Report,
) -> Option<Personal> {
    let marks: Vec<&Attribute> = attribute::named(&field.attrs, "pii").collect();
    let shape = shape(&field.ty);
    for again in marks.iter().skip(1) {
        report.mistake(again, diagnostic::mark_twice("pii"));
    }
    if is_stream_id {
        match (marks.first(), shape) {
            (Some(mark), _) => report.fatal(mark, diagnostic::PII_ON_ID),
            (None, Some((_, pii))) => report.fatal(pii, diagnostic::PII_ON_ID),
            (None, None) => {}
        }
        return None;
    }
    let Some(mark) = marks.first() else {
        let (shape, pii) = shape?;
        report.mistake(pii, diagnostic::PII_UNMARKED);
        return Some(Personal::unsaid(shape));
    };
    let Some((shape, _)) = shape else {
        report.fatal(&field.ty, diagnostic::PII_TYPE);
        return None;
    };
    let mut personal = Personal::unsaid(shape);
    attribute::pii(mark, KEYS, report, |key, setting| {
        take(&mut personal, key, setting);
    });
    only_of_one(&mut personal, report);
    Some(personal)
}

fn take(personal: &mut Personal, key: &str, setting: Setting<'_>) {
    match key {
        "subject" => personal.subject = subject(setting),
        "purpose" => personal.purpose = setting.text(),
        "fallback" => personal.fallback = setting.expression(),
        _ => personal.lookup = setting.path(),
    }
}

/// `subject = friend`, a field.
pub(super) fn subject(mut setting: Setting<'_>) -> Option<Ident> {
    let path: Path = setting.again().path()?;
    if let Some(field) = path.get_ident() {
        Some(field.clone())
    } else {
        setting.report.mistake(&path, diagnostic::SUBJECT_NO_FIELD);
        None
    }
}

/// What stands for a datum, and what it is found by, is said of one datum.
fn only_of_one(personal: &mut Personal, report: &mut Report) {
    if personal.shape == PiiShape::One {
        return;
    }
    if let Some(fallback) = personal.fallback.take() {
        report.mistake(fallback, diagnostic::FALLBACK_OF_SEVERAL);
    }
    if let Some(lookup) = personal.lookup.take() {
        report.mistake(lookup, diagnostic::LOOKUP_OF_SEVERAL);
    }
}

/// Which of `Pii<_>`, `Option<Pii<_>>` and `Vec<Pii<_>>` a type is, and the `Pii` in it.
fn shape(ty: &Type) -> Option<(PiiShape, Ident)> {
    let name = types::name(ty)?;
    if name == "Pii" {
        return Some((PiiShape::One, name.clone()));
    }
    let outer = match name.to_string().as_str() {
        "Option" => PiiShape::Optional,
        "Vec" => PiiShape::Several,
        _ => return None,
    };
    let inner = types::argument(ty)?;
    let pii = types::name(inner).filter(|name| *name == "Pii")?;
    Some((outer, pii.clone()))
}
