//! `#[derive(VarveValue)]`.

use super::personal::kept;
use super::record::{distinct, name, record};
use crate::diagnostic;
use crate::model::{Record, Shape, Value};
use crate::parse::mentions;
use crate::report::Report;

/// Checks the value as a whole, then its fields and variants beside each other.
pub(crate) fn value(value: &Value, report: &mut Report) {
    if !value.generics.params.is_empty() {
        report.fatal(&value.generics, diagnostic::GENERIC_VALUE);
    }
    match &value.shape {
        Shape::Struct(own) => {
            fields(own, report);
            kept(own, report);
            finite(own, report);
        }
        Shape::Enum(variants) => {
            if variants.is_empty() {
                report.fatal(&value.ident, diagnostic::EMPTY_VALUE);
            }
            if let Some(excess) = variants.get(diagnostic::MAX_VALUE_VARIANTS) {
                report.fatal(&excess.ident, diagnostic::too_many_variants());
            }
            for variant in variants {
                fields(&variant.record, report);
                clear(&variant.record, report);
                shown_in_a_list(&variant.record, report);
                name(&variant.name, report);
            }
            distinct("variants", variants.iter().map(|v| &v.name), report);
        }
    }
}

fn fields(own: &Record, report: &mut Report) {
    record(own, report);
    if let Some(id) = own.stream_id() {
        report.fatal(&id.ident, diagnostic::STREAM_ID_IN_VALUE);
    }
}

/// Lists and maps show their elements one by one; in any other place the view would contain itself.
fn shown_in_a_list(own: &Record, report: &mut Report) {
    for field in own.stored().filter(|field| field.is_recursive) {
        if !["Vec", "BTreeMap"]
            .iter()
            .any(|list| mentions(&field.ty, list))
        {
            report.fatal(&field.ty, diagnostic::ENDLESS_VIEW);
        }
    }
}

/// The stored form of a struct is made of the stored forms of its fields and has no name of its
/// own in which it could end.
fn finite(own: &Record, report: &mut Report) {
    for field in own.stored() {
        if field.is_recursive {
            report.fatal(&field.ty, diagnostic::ENDLESS_VALUE);
        }
    }
}

/// Only of a struct it is known where its boxes lie.
fn clear(own: &Record, report: &mut Report) {
    if let Some(personal) = own.fields.iter().find(|field| field.personal.is_some()) {
        report.fatal(&personal.ident, diagnostic::PII_IN_VALUE);
    }
}
