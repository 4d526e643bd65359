//! The schema lock: the layouts of events in a file that is committed, and only ever added to.

mod error;
mod file;

use std::path::{Path, PathBuf};

pub use self::error::{LockError, LockFinding};
use self::file::{Line, LockFile};
use crate::codec::{Event, EventSchema, drift};

/// The variable that says what the test does besides comparing.
const SWITCH: &str = "VARVE_LOCK";

/// The layouts of the events of some enums, and the file that they are compared with.
///
/// [`schema_lock!`](crate::schema_lock) makes the test; this is for whoever wants to do something else.
#[derive(Debug)]
#[must_use = "a lock compares nothing until `check`, `update` or `assert`"]
pub struct SchemaLock {
    path: PathBuf,
    enums: Vec<&'static [EventSchema]>,
}

impl SchemaLock {
    /// The lock in this file, which need not exist yet.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            enums: Vec::new(),
        }
    }

    /// The same lock, for these events too.
    pub fn with<E: Event>(mut self) -> Self {
        self.enums.push(E::schemas());
        self
    }

    /// Compares every revision with its line; finds everything that does not fit, not only the first.
    pub fn check(&self) -> Result<(), LockError> {
        let findings = self.compare(&LockFile::read(&self.path)?);
        self.none_of(findings)
    }

    /// Compares, and adds the lines that are missing; gives how many. When there is anything else to be
    /// found, the file stays as it is. A crash leaves the file as it was, or with all of the new lines.
    pub fn update(&self) -> Result<usize, LockError> {
        let mut file = LockFile::read(&self.path)?;
        let (missing, wrong): (Vec<_>, Vec<_>) = self
            .compare(&file)
            .into_iter()
            .partition(|finding| matches!(finding, LockFinding::Missing { .. }));
        self.none_of(wrong)?;
        let added = missing.len();
        let lines = missing.into_iter().filter_map(LockFinding::into_line);
        lines.for_each(|line| file.add(line));
        if added > 0 {
            file.write(&self.path)?;
        }
        Ok(added)
    }

    /// What the test does: [`check`](Self::check), or [`update`](Self::update) when `VARVE_LOCK=update`.
    ///
    /// # Panics
    ///
    /// With the error as the message, and when `VARVE_LOCK` says anything else.
    #[track_caller]
    pub fn assert(&self) {
        let switch = std::env::var_os(SWITCH).unwrap_or_default();
        let done = match switch.to_str() {
            Some("") => self.check(),
            Some("update") => self.update().map(drop),
            _ => panic!(
                "{SWITCH} is {}; it can be `update` or nothing",
                switch.display()
            ),
        };
        if let Err(error) = done {
            panic!("{error}");
        }
    }

    fn none_of(&self, findings: Vec<LockFinding>) -> Result<(), LockError> {
        if findings.is_empty() {
            return Ok(());
        }
        let path = self.path.clone();
        Err(LockError::Differs { path, findings })
    }

    /// First what the program has, in the order of its enums; then what only the file has.
    fn compare(&self, file: &LockFile) -> Vec<LockFinding> {
        let mut findings = Vec::new();
        let mut seen: Vec<Line> = Vec::new();
        for schema in self.schemas() {
            for (revision, layout) in (1..).zip(schema.revisions) {
                let line = Line::new(schema.name, revision, layout.text());
                match seen.iter().find(|other| other.is_of(&line)) {
                    None => findings.extend(compare_line(&line, file)),
                    Some(other) => findings.extend(ambiguous(other, &line)),
                }
                seen.push(line);
            }
        }
        let orphans = file
            .lines()
            .filter(|line| !seen.iter().any(|own| own.is_of(line)));
        findings.extend(orphans.filter_map(|line| self.explain(line)));
        findings.extend(gaps(file));
        findings
    }

    /// What is wrong about a line that is of no revision of any type under its present name.
    fn explain(&self, line: &Line) -> Option<LockFinding> {
        let type_name = line.type_name.clone();
        if let Some(schema) = self.schemas().find(|schema| schema.name == type_name) {
            let (revision, known) = (line.revision, schema.current_revision());
            return Some(LockFinding::Vanished {
                type_name,
                revision,
                known,
            });
        }
        let is_former = |schema: &&EventSchema| schema.aliases.contains(&type_name.as_str());
        if let Some(schema) = self.schemas().find(is_former) {
            return compare_former(line, schema);
        }
        let is_retired = |schema: &EventSchema| schema.retired.contains(&type_name.as_str());
        let is_retired = self.schemas().any(is_retired);
        (!is_retired && line.revision == 1).then_some(LockFinding::Gone { type_name })
    }

    fn schemas(&self) -> impl Iterator<Item = &'static EventSchema> {
        self.enums.iter().copied().flatten()
    }
}

fn compare_line(now: &Line, file: &LockFile) -> Option<LockFinding> {
    let locked = file.lines().find(|locked| locked.is_of(now));
    match locked {
        // The gap before the later one is found, and cannot be filled from here.
        None if file.lines().any(|later| later.follows(now)) => None,
        None => Some(LockFinding::Missing {
            type_name: now.type_name.clone(),
            revision: now.revision,
            layout: now.layout.clone(),
        }),
        Some(locked) if locked.layout == now.layout => None,
        Some(locked) => Some(changed(locked, &now.layout)),
    }
}

/// What lies under a former name is read as the type that has it as its alias.
fn compare_former(line: &Line, schema: &EventSchema) -> Option<LockFinding> {
    let layout = schema.revisions.get(usize::from(line.revision) - 1);
    let Some(layout) = layout else {
        return Some(LockFinding::Vanished {
            type_name: line.type_name.clone(),
            revision: line.revision,
            known: schema.current_revision(),
        });
    };
    let now = layout.text();
    (now != line.layout).then(|| changed(line, &now))
}

fn changed(locked: &Line, now: &str) -> LockFinding {
    LockFinding::Changed {
        type_name: locked.type_name.clone(),
        revision: locked.revision,
        locked: locked.layout.clone(),
        now: now.to_owned(),
        changes: drift(&locked.layout, now),
    }
}

/// Two enums may share a type, but not disagree about it.
fn ambiguous(one: &Line, other: &Line) -> Option<LockFinding> {
    (one.layout != other.layout).then(|| LockFinding::Ambiguous {
        type_name: one.type_name.clone(),
        revision: one.revision,
        one: one.layout.clone(),
        other: other.layout.clone(),
    })
}

/// Revisions are counted without a gap, so where a line lacks the one before it, that was removed.
fn gaps(file: &LockFile) -> impl Iterator<Item = LockFinding> {
    let lacks = |line: &&Line| {
        let is_before =
            |other: &Line| other.type_name == line.type_name && other.revision == line.revision - 1;
        line.revision > 1 && !file.lines().any(is_before)
    };
    file.lines().filter(lacks).map(|line| LockFinding::Gap {
        type_name: line.type_name.clone(),
        revision: line.revision - 1,
        later: line.revision,
    })
}
