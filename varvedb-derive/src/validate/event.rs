//! `#[derive(VarveEvent)]`.

use super::record::{distinct, name, record};
use crate::diagnostic;
use crate::model::{Event, Variant};
use crate::report::Report;

/// Checks the enum as a whole, then its variants beside each other.
pub(crate) fn event(event: &Event, report: &mut Report) {
    if !event.generics.params.is_empty() {
        return; // its fields have not been read
    }
    category(event, report);
    if event.variants.is_empty() {
        report.fatal(&event.ident, diagnostic::EMPTY_EVENT);
    }
    for variant in &event.variants {
        record(&variant.record, report);
        stream_ids(variant, report);
        names(event, variant, report);
    }
    distinct("variants", event.variants.iter().map(|v| &v.name), report);
    all_or_none(event, report);
}

fn category(event: &Event, report: &mut Report) {
    if let Some(category) = &event.category
        && !category.is_well_formed()
    {
        report.mistake(category, diagnostic::malformed_category());
    }
}

fn names(event: &Event, variant: &Variant, report: &mut Report) {
    let type_name = event.type_name(variant);
    if type_name.len() > Event::MAX_TYPE_NAME_BYTES {
        report.mistake(&variant.name, diagnostic::long_type_name(&type_name));
    } else {
        name(&variant.name, report);
    }
    let view = event.variant_view(variant);
    if view == event.view() {
        report.fatal(&variant.ident, diagnostic::view_name_taken(&view));
    }
}

fn stream_ids(variant: &Variant, report: &mut Report) {
    let ids = variant.record.fields.iter().filter(|f| f.is_stream_id);
    for second in ids.skip(1) {
        report.fatal(&second.ident, diagnostic::two_stream_ids(&variant.ident));
    }
}

/// Either every variant names its stream, or none does.
fn all_or_none(event: &Event, report: &mut Report) {
    let names_stream = |variant: &&Variant| variant.record.stream_id().is_some();
    let Some(with) = event.variants.iter().find(names_stream) else {
        return;
    };
    for without in event
        .variants
        .iter()
        .filter(|variant| !names_stream(variant))
    {
        let sentence = diagnostic::missing_stream_id(&without.ident, &with.ident);
        report.fatal(&without.ident, sentence);
    }
}
