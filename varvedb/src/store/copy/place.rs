//! Where a copy may be made.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::CopyError;
use crate::error::StorageError;
use crate::store::Store;
use crate::store::manifest::Manifest;

/// Refuses a target that is the source, or lies in it.
pub(super) fn check(source: &Store, target: &Path) -> Result<(), CopyError> {
    let path = || target.to_owned();
    let of_source = Manifest::read(source.path())?;
    let is_same_store = of_source.is_some() && of_source == Manifest::read(target)?;
    let (source, real) = (real(source.path())?, real(target)?);
    if is_same_store || source == real {
        return Err(CopyError::Itself { path: path() });
    }
    if real.starts_with(&source) {
        return Err(CopyError::Inside { path: path() });
    }
    Ok(())
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> Result<PathBuf, StorageError> {
    let failed = |error| StorageError::io("find", path, error);
    let path = std::path::absolute(path).map_err(failed)?;
    for ancestor in path.ancestors() {
        if let Ok(found) = fs::canonicalize(ancestor) {
            let missing = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
            let whole = missing.components().fold(found, step);
            // Out of folders that are made first, the path may come to others that are there.
            let comes_back = missing
                .components()
                .any(|part| part == Component::ParentDir);
            return if comes_back { real(&whole) } else { Ok(whole) };
        }
    }
    Ok(path)
}

fn step(mut path: PathBuf, part: Component<'_>) -> PathBuf {
    match part {
        Component::ParentDir => _ = path.pop(),
        part => path.push(part),
    }
    path
}
