//! What a schema lock finds.

use std::io;
use std::path::PathBuf;

use super::file::Line;

/// Why the layouts of events and their lock do not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The events are not what the file says; everything that was found.
    #[error(
        "the events do not fit {}:\n\n{}",
        .path.display(),
        .findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// Each difference.
        findings: Vec<LockFinding>,
    },
    /// The file is not one that a lock has written.
    #[error("line {line} of {} {what}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The file could not be read or written.
    #[error("could not {attempt} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// One difference between the layouts of events and their lock. Only what is missing can be added; for
/// the rest it is the program that has to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockFinding {
    /// A revision has no line yet.
    #[error(
        "`{type_name}` revision {revision} is not locked yet: {layout}\n  If it is meant to be stored \
         like this for ever, run `VARVE_LOCK=update cargo test` and commit the file."
    )]
    Missing {
        /// The event's type.
        type_name: String,
        /// The revision.
        revision: u16,
        /// The layout that it has now.
        layout: String,
    },
    /// A revision has another layout than it had.
    #[error(
        "`{type_name}` revision {revision} has changed since it was locked: {}\n  locked: {locked}\n  \
         now:    {now}\n  The layout of stored events is fixed. Keep revision {revision} as it was, and \
         put what is new into a later one, `#[varve(revision = ..)]`: by `since` on new fields, or by \
         `history(..)`.",
        .changes.join("; ")
    )]
    Changed {
        /// The event's type.
        type_name: String,
        /// The revision.
        revision: u16,
        /// The layout in the file.
        locked: String,
        /// The layout in the program.
        now: String,
        /// What has changed, field by field.
        changes: Vec<String>,
    },
    /// The program does not know a revision any more.
    #[error(
        "`{type_name}` revision {revision} is locked, but the program knows the type up to revision \
         {known}\n  Stores may hold it. Put it back, `#[varve(revision = {revision})]`."
    )]
    Vanished {
        /// The event's type.
        type_name: String,
        /// The revision in the file.
        revision: u16,
        /// The newest revision in the program.
        known: u16,
    },
    /// The program does not know a type any more.
    #[error(
        "`{type_name}` is locked, but no event has this name any more\n  Stores may hold it. If it was \
         renamed, give the variant its old name as `#[varve(alias = \"..\")]`; if it no longer means \
         anything, name it in `#[varve(retired(\"..\"))]` on the enum; if another enum has it, name that \
         enum in this lock, too."
    )]
    Gone {
        /// The event's type.
        type_name: String,
    },
    /// The file has a revision, but not the one before.
    #[error(
        "`{type_name}` revision {later} is locked, but revision {revision} is not\n  Its line was removed: \
         put it back from the history of the file."
    )]
    Gap {
        /// The event's type.
        type_name: String,
        /// The revision without a line.
        revision: u16,
        /// The one after it.
        later: u16,
    },
    /// Two enums disagree about a type.
    #[error(
        "two enums have `{type_name}` revision {revision}, with different layouts\n  one:   {one}\n  \
         other: {other}\n  Give one of them another name, or another stream."
    )]
    Ambiguous {
        /// The event's type.
        type_name: String,
        /// The revision.
        revision: u16,
        /// One layout.
        one: String,
        /// The other layout.
        other: String,
    },
}

impl LockFinding {
    /// The line to be added.
    pub(super) fn into_line(self) -> Option<Line> {
        match self {
            Self::Missing {
                type_name,
                revision,
                layout,
            } => Some(Line::new(&type_name, revision, layout)),
            _ => None,
        }
    }
}
