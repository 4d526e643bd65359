//! `store.toml`: which store this is and how its bytes are to be read. Written once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;
use uuid::Uuid;

use super::open::OpenError;
use crate::codec::ARCHIVE_FORMAT;
use crate::directory;
use crate::error::StorageError;

/// The version of the format on disk that this library reads and writes.
pub(crate) const FORMAT: i64 = 3;

const FILE: &str = "store.toml";

/// What `store.toml` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) store_id: Uuid,
}

impl Manifest {
    /// Reads the manifest of the store in `dir`; `None` when there is none.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, OpenError> {
        let path = dir.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StorageError::io("read", &path, error).into()),
        }
    }

    /// Writes the manifest of a new store, whole or not at all.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), StorageError> {
        let draft = dir.join("store.toml.new");
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(self.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, dir.join(FILE))?;
            directory::sync(dir)
        };
        write().map_err(|error| StorageError::io("write", &dir.join(FILE), error))
    }

    fn text(&self) -> String {
        format!(
            "# A VarveDB store. Written once; docs/format.md says what the files beside it hold.\n\
             store_id = \"{}\"\nformat = {FORMAT}\narchive = \"{ARCHIVE_FORMAT}\"\n",
            self.store_id
        )
    }

    fn parse(text: &str, path: PathBuf) -> Result<Self, OpenError> {
        let invalid = |what: &str| OpenError::Manifest {
            path: path.clone(),
            what: what.to_owned(),
        };
        let document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| invalid(error.message()))?;
        let format = document.get("format").and_then(toml_edit::Item::as_integer);
        let format = format.ok_or_else(|| invalid("`format` is missing"))?;
        if format != FORMAT {
            return Err(OpenError::Format {
                path,
                found: format,
                known: FORMAT,
            });
        }
        let archive = document.get("archive").and_then(toml_edit::Item::as_str);
        let archive = archive.ok_or_else(|| invalid("`archive` is missing"))?;
        if archive != ARCHIVE_FORMAT {
            let found = archive.to_owned();
            return Err(OpenError::Archive {
                path,
                found,
                known: ARCHIVE_FORMAT,
            });
        }
        let id = document.get("store_id").and_then(toml_edit::Item::as_str);
        let id = id.ok_or_else(|| invalid("`store_id` is missing"))?;
        let store_id = id
            .parse()
            .map_err(|_| invalid("`store_id` is not a UUID"))?;
        Ok(Self { store_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Manifest, String> {
        Manifest::parse(text, "store.toml".into()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = Manifest {
            store_id: Uuid::from_u128(7),
        };
        assert_eq!(Manifest::read(dir.path()).unwrap(), None);
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), Some(manifest));
    }

    #[test]
    fn a_manifest_that_cannot_be_read_says_why() {
        let good = Manifest {
            store_id: Uuid::nil(),
        }
        .text();
        let said = [
            parsed("").unwrap_err(),
            parsed("format = [").unwrap_err(),
            parsed(&good.replace("format = 3", "format = 2")).unwrap_err(),
            parsed(&good.replace("/le/", "/be/")).unwrap_err(),
            parsed(&good.replace("store_id = \"0", "store_id = \"x")).unwrap_err(),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }
}
