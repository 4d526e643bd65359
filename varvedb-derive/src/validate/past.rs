//! What a kind of event was before.

use super::event::name_of_variant;
use super::record::distinct;
use crate::diagnostic;
use crate::model::{Event, StoredName, Variant};
use crate::report::Report;

/// Every revision is explained, in one of the two ways.
pub(super) fn past(variant: &Variant, report: &mut Report) {
    if variant.past.is_doubtful {
        return;
    }
    match &variant.past.history {
        Some(history) => {
            let found = history.layouts.len();
            match &variant.past.revision {
                None => report.fatal(&history.key, diagnostic::HISTORY_WITHOUT_REVISION),
                Some((revision, literal)) if usize::from(*revision) != found + 1 => {
                    report.fatal(literal, diagnostic::history_count(*revision, found));
                }
                Some(_) => {}
            }
            for since in since(variant) {
                report.fatal(&since.literal, diagnostic::SINCE_WITH_HISTORY);
            }
        }
        None => added_fields(variant, report),
    }
}

fn added_fields(variant: &Variant, report: &mut Report) {
    let (ident, revision) = (&variant.ident, variant.revision());
    let before = report.count();
    for since in since(variant).filter(|since| since.revision > revision) {
        let sentence = diagnostic::since_above_revision(ident, revision, since.revision);
        report.fatal(&since.literal, sentence);
    }
    let is_explained = |revision| since(variant).any(|since| since.revision == revision);
    if let (Some((_, literal)), true) = (&variant.past.revision, report.count() == before)
        && let Some(unexplained) = (2..=revision).find(|revision| !is_explained(*revision))
    {
        let sentence = diagnostic::unexplained_revision(ident, unexplained);
        report.fatal(literal, sentence);
    }
}

fn since(variant: &Variant) -> impl Iterator<Item = &crate::model::Since> {
    variant
        .record
        .fields
        .iter()
        .filter_map(|field| field.since.as_ref())
}

/// No name, present or former, is used twice.
pub(super) fn names(event: &Event, report: &mut Report) {
    let present = event.variants.iter().map(|variant| &variant.name);
    let aliases = event.variants.iter().flat_map(|v| &v.past.aliases);
    let former = aliases.clone().chain(&event.retired);
    for former in former.clone() {
        name_of_variant(event, former, report);
    }
    for retired in &event.retired {
        let text = retired.as_str();
        let living = event.variants.iter().find(|v| v.name.as_str() == text);
        if let Some(living) = living {
            let sentence = diagnostic::retired_but_present(text, &living.ident);
            report.mistake(retired, sentence);
            return;
        }
    }
    distinct("variants", present.clone(), report);
    let mut taken: Vec<&str> = present.map(StoredName::as_str).collect();
    for former in former {
        if taken.contains(&former.as_str()) {
            report.mistake(former, diagnostic::name_taken(former.as_str()));
        }
        taken.push(former.as_str());
    }
}
