//! `#[derive(VarveEvent)]`.

use quote::ToTokens;
use syn::Type;

use super::past;
use super::personal::personal;
use super::record::{name, record};
use crate::diagnostic;
use crate::model::{Category, Event, StoredName, Variant};
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
        personal(&variant.record, report);
        stream_ids(variant, report);
        names(event, variant, report);
        past::past(variant, report);
    }
    past::names(event, report);
    all_or_none(event, report);
    one_id_type(event, report);
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
        name_of_variant(event, &variant.name, report);
    }
    let view = event.variant_view(variant);
    if view == event.view() {
        report.fatal(&variant.ident, diagnostic::view_name_taken(&view));
    }
}

/// One name of a variant, present or former, without the category that is put before it.
pub(super) fn name_of_variant(event: &Event, given: &StoredName, report: &mut Report) {
    let category = event.category.as_ref().map(Category::text);
    let bare = category.and_then(|category| given.as_str().strip_prefix(&format!("{category}.")));
    match bare {
        Some(bare) => report.mistake(given, diagnostic::name_with_category(bare)),
        None => name(given, report),
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

/// A stream has one key. Types are compared by their last word, for `ids::AccountId` may well be
/// `AccountId`; what words cannot tell is left to rustc.
fn one_id_type(event: &Event, report: &mut Report) {
    let mut ids = event
        .variants
        .iter()
        .filter_map(|variant| Some((variant, variant.record.stream_id()?)));
    let Some((first, expected)) = ids.next() else {
        return;
    };
    let expected = last_word(&expected.ty);
    for (variant, id) in ids {
        let found = last_word(&id.ty);
        if found != expected {
            let found = (&variant.ident, found.as_str());
            let sentence = diagnostic::two_id_types(found, (&first.ident, &expected));
            report.fatal(&id.ty, sentence);
        }
    }
}

/// `AccountId` of `ids::AccountId`.
fn last_word(ty: &Type) -> String {
    let last = match ty {
        Type::Path(path) => path.path.segments.last().map(ToTokens::to_token_stream),
        _ => None,
    };
    last.unwrap_or_else(|| ty.to_token_stream()).to_string()
}
