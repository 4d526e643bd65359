//! `#[aggregate(..)]`.

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
    let applies = || aggregate.applies.iter();
    let variants = applies().map(|apply| apply.variant.to_string());
    let views = applies().map(|apply| apply.view_name.to_string());
    let known: Vec<String> = variants.chain(views).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let Some(definition) = &aggregate.definition else {
        return;
    };
    let event = definition.event.segments.last().map(|last| &last.ident);
    let mut met = Vec::new();
    for written in &snapshot.on {
        let handlers = aggregate.handlers_of(written);
        let meant = diagnostic::nearest(&written.to_string(), &known);
        match (handlers.first(), event) {
            (Some(handler), _) if met.contains(&&handler.variant) => {
                report.mistake(written, diagnostic::key_twice(&handler.variant.to_string()));
            }
            (Some(handler), _) => met.push(&handler.variant),
            (None, Some(event)) => {
                report.mistake(written, diagnostic::unknown_event(written, meant, event));
            }
            (None, None) => {}
        }
    }
}
