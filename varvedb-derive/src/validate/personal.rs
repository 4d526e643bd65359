//! Personal fields: about whom, and what for.

use syn::Ident;

use crate::diagnostic;
use crate::model::{Field, Personal, Record, is_name};
use crate::report::Report;

/// A box is bound to its number, which is a byte.
const MAX_BOXES: usize = 255;

/// Every personal field is about somebody, and every box has a name of its own.
pub(super) fn personal(record: &Record, report: &mut Report) {
    for field in &record.fields {
        let Some(personal) = &field.personal else {
            continue;
        };
        purpose(personal, report);
        let found = record.subject_of(personal);
        subject(record, personal, found, report);
        if found.is_none() && named(record, personal).is_none() {
            report.fatal(&field.ident, diagnostic::NO_SUBJECT);
        }
    }
    let boxes = record.boxes();
    let fields = boxes.get(MAX_BOXES).map(|sealed| &sealed.fields);
    if let Some(field) = fields.and_then(|fields| fields.first()) {
        report.fatal(&field.ident, diagnostic::TOO_MANY_BOXES);
    }
}

/// Of what is kept in a state or a row: it may be about whomever the aggregate is. It has no defaults, and
/// is not looked up.
pub(super) fn kept(record: &Record, report: &mut Report) {
    for field in &record.fields {
        let Some(personal) = &field.personal else {
            continue;
        };
        purpose(personal, report);
        if let Some(fallback) = &personal.fallback {
            report.mistake(fallback, diagnostic::KEPT_FALLBACK);
        }
        if let Some(lookup) = &personal.lookup {
            report.mistake(lookup, diagnostic::KEPT_LOOKUP);
        }
        subject(record, personal, record.named_subject(field), report);
    }
    let mut personal = record
        .fields
        .iter()
        .filter(|field| field.personal.is_some());
    if let Some(field) = personal.nth(MAX_BOXES) {
        report.fatal(&field.ident, diagnostic::TOO_MANY_BOXES);
    }
}

/// The field that is said to hold whom a personal one is about.
fn named<'r>(record: &'r Record, personal: &'r Personal) -> Option<&'r Ident> {
    personal.subject.as_ref().or(record.subject.as_ref())
}

/// Who is named as a subject is there, and is not personal.
fn subject(record: &Record, personal: &Personal, found: Option<&Field>, report: &mut Report) {
    match (named(record, personal), found) {
        (Some(named), Some(subject)) if subject.personal.is_some() => {
            report.fatal(named, diagnostic::SUBJECT_IS_PERSONAL);
        }
        (Some(named), None) => {
            let clear = record
                .fields
                .iter()
                .filter(|other| other.personal.is_none());
            let known: Vec<_> = clear.map(|other| other.ident.to_string()).collect();
            report.fatal(named, diagnostic::no_such_subject(named, &known));
        }
        _ => {}
    }
}

fn purpose(personal: &Personal, report: &mut Report) {
    if let Some(purpose) = &personal.purpose
        && !is_name(&purpose.value())
    {
        report.mistake(purpose, diagnostic::MALFORMED_PURPOSE);
    }
}
