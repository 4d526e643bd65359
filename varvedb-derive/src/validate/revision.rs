//! `#[derive(VarveRevision)]`.

use super::personal::personal;
use super::record::record;
use crate::diagnostic;
use crate::model::Revision;
use crate::report::Report;

/// Checks an old layout as a whole, then its fields beside each other.
pub(crate) fn revision(revision: &Revision, report: &mut Report) {
    if !revision.generics.params.is_empty() {
        report.fatal(&revision.generics, diagnostic::GENERIC_REVISION);
    }
    record(&revision.record, report);
    personal(&revision.record, report);
    let ids = revision.record.fields.iter().filter(|f| f.is_stream_id);
    for second in ids.skip(1) {
        let sentence = diagnostic::two_ids_of_layout(&revision.ident);
        report.fatal(&second.ident, sentence);
    }
}
