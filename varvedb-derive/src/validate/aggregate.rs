//! `#[aggregate(..)]`.

use crate::diagnostic;
use crate::model::Aggregate;
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
}
