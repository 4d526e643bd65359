//! The text of a lock: comments, and lines such as `account.opened@1 {owner: str, limit: i64}`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::LockError;

const HEADER: &str = "\
# How events are stored: one line for each revision of each type. Written by `varvedb::schema_lock!`.
# `VARVE_LOCK=update cargo test` adds lines. None is ever changed or removed: stores may hold such events.
";

/// A lock as it is in its file, from top to bottom.
#[derive(Debug)]
pub(super) struct LockFile(Vec<Row>);

#[derive(Debug)]
enum Row {
    /// A comment, or nothing.
    Text(String),
    Layout(Line),
}

/// The layout of one revision of a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) type_name: String,
    pub(super) revision: u16,
    pub(super) layout: String,
}

impl Line {
    pub(super) fn new(type_name: &str, revision: u16, layout: String) -> Self {
        let type_name = type_name.to_owned();
        Self {
            type_name,
            revision,
            layout,
        }
    }

    /// Whether both are of the same revision of one type.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        (&self.type_name, self.revision) == (&other.type_name, other.revision)
    }

    /// Whether this is of a later revision of the same type.
    pub(super) fn follows(&self, other: &Self) -> bool {
        self.type_name == other.type_name && self.revision > other.revision
    }

    /// Takes a line apart; says what is wrong with it if it is none.
    fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not of the form `account.opened@1 {owner: str}`";
        const MERGE: &str = "is the mark of a conflict between two branches: keep the lines of both, and \
                             no mark";
        if text.ends_with('\r') {
            return Err(
                "ends with a carriage return: keep the file as it is written, for instance by \
                        `varve.lock text eol=lf` in `.gitattributes`",
            );
        }
        if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
            .iter()
            .any(|mark| text.starts_with(mark))
        {
            return Err(MERGE);
        }
        let (name, layout) = text.split_once(' ').ok_or(FORM)?;
        let (type_name, number) = name.split_once('@').ok_or(FORM)?;
        let revision: u16 = number.parse().map_err(|_| FORM)?;
        if revision == 0
            || revision.to_string() != number
            || type_name.is_empty()
            || !type_name.bytes().all(is_name_byte)
            || layout.is_empty()
            || layout.trim() != layout
        {
            return Err(FORM);
        }
        Ok(Self::new(type_name, revision, layout.to_owned()))
    }
}

impl LockFile {
    /// The lock in this file; one without lines where there is none.
    pub(super) fn read(path: &Path) -> Result<Self, LockError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => HEADER.to_owned(),
            Err(error) => return Err(failed("read", path, error)),
        };
        Self::parse(&text).map_err(|(line, what)| LockError::Damaged {
            path: path.to_owned(),
            line,
            what,
        })
    }

    /// The lock that a text is, or the number of a line and what is wrong with it.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut file = Self(Vec::new());
        for (number, text) in (1..).zip(text.split_terminator('\n')) {
            if text.is_empty() || text.starts_with('#') && !text.ends_with('\r') {
                file.0.push(Row::Text(text.to_owned()));
                continue;
            }
            let line = Line::parse(text).map_err(|what| (number, what.to_owned()))?;
            if file.lines().any(|other| other.is_of(&line)) {
                let Line {
                    type_name,
                    revision,
                    ..
                } = line;
                let what = format!(
                    "is a second one for `{type_name}` revision {revision}: keep the one that \
                                    was there first"
                );
                return Err((number, what));
            }
            file.0.push(Row::Layout(line));
        }
        Ok(file)
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().filter_map(|row| match row {
            Row::Text(_) => None,
            Row::Layout(line) => Some(line),
        })
    }

    /// Puts a line in its place; all others stay in theirs.
    pub(super) fn add(&mut self, line: Line) {
        let is_later = |row: &Row| matches!(row, Row::Layout(other) if *other > line);
        let at = self.0.iter().position(is_later).unwrap_or(self.0.len());
        self.0.insert(at, Row::Layout(line));
    }

    /// Writes the whole file beside itself, and puts it in its place when it is on the disk.
    pub(super) fn write(&self, path: &Path) -> Result<(), LockError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(format!(".{}", Uuid::now_v7().simple()));
        let unfinished = PathBuf::from(unfinished);
        let written = File::create_new(&unfinished)
            .and_then(|mut file| {
                file.write_all(self.to_string().as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&unfinished, path));
        written.map_err(|error| {
            let _ = fs::remove_file(&unfinished);
            failed("write", path, error)
        })
    }
}

impl fmt::Display for LockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|row| match row {
            Row::Text(text) => writeln!(f, "{text}"),
            Row::Layout(Line {
                type_name,
                revision,
                layout,
            }) => {
                writeln!(f, "{type_name}@{revision} {layout}")
            }
        })
    }
}

/// Of the name of a type, with that of its stream before it.
fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.')
}

fn failed(attempt: &'static str, path: &Path, source: io::Error) -> LockError {
    LockError::Io {
        attempt,
        path: path.to_owned(),
        source,
    }
}
