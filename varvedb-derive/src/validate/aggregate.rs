//! `#[aggregate(..)]`.

use syn::Ident;

use crate::diagnostic;
use crate::model::{Aggregate, Snapshot};
use crate::report::Report;

/// No variant has two handlers. That every variant has one is rustc's to say: the macro does not
/// see the enum.
pub(crate) fn aggregate(aggregate: &Aggregate, report: &mut Report) {
    let mut handled = Vec::new();
    for apply in &aggregate.applies {
        // Under `cfg` two handlers may be two sides of one condition.
        if handled.contains(&&apply.variant) && apply.cfgs.is_empty() {
            report.mistake(&apply.method, diagnostic::handled_twice(&apply.variant));
        }
        handled.push(&apply.variant);
    }
    if let Some(snapshot) = &aggregate.snapshot
        && aggregate.is_complete
    {
        check_events(aggregate, snapshot, report);
    }
}

/// Snapshots are taken after events that there are. Each event has a handler here, so this can be seen.
fn check_events(aggregate: &Aggregate, snapshot: &Snapshot, report: &mut Report) {
    let mut met = Vec::new();
    for written in &snapshot.on {
        match aggregate.handlers_of(written).first() {
            Some(handler) if met.contains(&&handler.variant) => {
                report.mistake(written, diagnostic::key_twice(&handler.variant.to_string()));
            }
            Some(handler) => met.push(&handler.variant),
            None => unknown_event(aggregate, written, report),
        }
    }
}

fn unknown_event(aggregate: &Aggregate, written: &Ident, report: &mut Report) {
    let definition = aggregate.definition.as_ref();
    let Some(event) = definition.and_then(|definition| definition.event.segments.last()) else {
        return;
    };
    let applies = || aggregate.applies.iter();
    let variants: Vec<String> = applies().map(|apply| apply.variant.to_string()).collect();
    let views: Vec<String> = applies().map(|apply| apply.view_name.to_string()).collect();
    let known: Vec<&str> = variants.iter().chain(&views).map(String::as_str).collect();
    let name = written.to_string();
    let meant = diagnostic::nearest(&name, &known);
    let sentence = diagnostic::unknown_event(&name, &event.ident, meant, &variants);
    report.mistake(written, sentence);
}
