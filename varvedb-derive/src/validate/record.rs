//! Fields beside each other.

use crate::diagnostic;
use crate::model::{Record, StoredName};
use crate::report::Report;

/// Fields and variants of values share the limit of event types' names.
const MAX_NAME_BYTES: usize = 128;

/// Every stored field has a name of its own, in the alphabet of stored names.
pub(super) fn record(record: &Record, report: &mut Report) {
    for field in record.stored() {
        name(&field.name, report);
    }
    distinct("fields", record.stored().map(|field| &field.name), report);
}

/// One name is in the alphabet of stored names and not too long.
pub(super) fn name(name: &StoredName, report: &mut Report) {
    if name.as_str().len() > MAX_NAME_BYTES {
        let bytes = name.as_str().len();
        report.mistake(name, diagnostic::long_field_name(bytes, MAX_NAME_BYTES));
    } else if name.is_well_formed() {
    } else if name.is_given() {
        report.mistake(name, diagnostic::MALFORMED_NAME);
    } else {
        report.mistake(name, diagnostic::unstorable_ident(name.as_str()));
    }
}

/// No two of the names are the same; the second is the one that is wrong.
pub(super) fn distinct<'a>(
    what: &str,
    names: impl Iterator<Item = &'a StoredName>,
    report: &mut Report,
) {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name.as_str()) {
            report.mistake(name, diagnostic::same_stored_name(what, name.as_str()));
        }
        seen.push(name.as_str());
    }
}
