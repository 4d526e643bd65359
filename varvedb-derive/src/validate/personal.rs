//! Personal fields: about whom, and what for.

use crate::diagnostic;
use crate::model::{Personal, Record, is_name};
use crate::report::Report;

/// Every personal field is about somebody, and every box has a name of its own.
pub(super) fn personal(record: &Record, report: &mut Report) {
    for field in &record.fields {
        let Some(personal) = &field.personal else {
            continue;
        };
        purpose(personal, report);
        match (
            record.subject_of(personal),
            personal.subject.as_ref().or(record.subject.as_ref()),
        ) {
            (Some(subject), Some(named)) if subject.personal.is_some() => {
                report.fatal(named, diagnostic::SUBJECT_IS_PERSONAL);
            }
            (Some(_), _) => {}
            (None, Some(named)) => {
                let known = record
                    .fields
                    .iter()
                    .filter(|other| other.personal.is_none());
                let known: Vec<_> = known.map(|other| other.ident.to_string()).collect();
                report.fatal(named, diagnostic::no_such_subject(named, &known));
            }
            (None, None) => report.fatal(&field.ident, diagnostic::NO_SUBJECT),
        }
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
        let named = personal.subject.as_ref().or(record.subject.as_ref());
        match (named, record.named_subject(field)) {
            (Some(named), Some(subject)) if subject.personal.is_some() => {
                report.fatal(named, diagnostic::SUBJECT_IS_PERSONAL);
            }
            (Some(named), None) => {
                let known = record
                    .fields
                    .iter()
                    .filter(|other| other.personal.is_none());
                let known: Vec<_> = known.map(|other| other.ident.to_string()).collect();
                report.fatal(named, diagnostic::no_such_subject(named, &known));
            }
            _ => {}
        }
    }
}

fn purpose(personal: &Personal, report: &mut Report) {
    if let Some(purpose) = &personal.purpose
        && !is_name(&purpose.value())
    {
        report.mistake(purpose, diagnostic::MALFORMED_PURPOSE);
    }
}
