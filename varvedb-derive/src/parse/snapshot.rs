//! `snapshot(every = 500, after_replay = "5ms", on(AccountClosed), revision = 2)`.

use syn::Ident;

use super::settings::Setting;
use crate::diagnostic;
use crate::model::Snapshot;

const KEYS: &[&str] = &["every", "after_replay", "on", "revision"];

/// Reads the setting. Unless there is a mistake in it, it says when a snapshot is taken.
pub(super) fn snapshot(mut setting: Setting<'_>) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let mut says_when = false;
    let before = setting.report.count();
    setting.again().nested("every = 500", KEYS, |key, inner| {
        says_when |= key != "revision";
        match key {
            "every" => snapshot.every = inner.count(diagnostic::EVERY_ZERO),
            "after_replay" => snapshot.after_replay_micros = inner.micros(),
            "on" => snapshot.on = events(inner),
            _ => snapshot.revision = inner.count(diagnostic::REVISION_ZERO),
        }
        None::<()>
    });
    if !says_when && setting.report.count() == before {
        let sentence = diagnostic::SNAPSHOT_NEVER;
        setting.report.mistake(&setting.key, sentence);
    }
    snapshot
}

/// `on(AccountClosed, Withdrawn)`
fn events(mut setting: Setting<'_>) -> Vec<Ident> {
    let Some(paths) = setting.again().paths("AccountClosed") else {
        return Vec::new();
    };
    if paths.is_empty() {
        setting.report.mistake(&setting.key, diagnostic::ON_NOTHING);
    }
    let mut events = Vec::new();
    for path in paths {
        match path.get_ident() {
            Some(event) => events.push(event.clone()),
            None => setting.report.mistake(path, diagnostic::ON_PATH),
        }
    }
    events
}
