//! The file a master key lies in: what of it is refused, and how a new one is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::MasterKeyError;
use crate::directory;

/// More than a key has, however it is written; what is longer is no key.
const LONGEST: usize = 128;

/// The rights of group and others.
const OTHERS: u32 = 0o077;

/// What the file holds, at most one byte more than [`LONGEST`].
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
    // Looked at before it is opened, too: opening a pipe would wait for whoever writes into it.
    refuse_what_is_no_file(path, &fs::metadata(path).map_err(failed("read", path))?)?;
    let file = File::open(path).map_err(failed("open", path))?;
    let found = file.metadata().map_err(failed("read", path))?;
    refuse_what_is_no_file(path, &found)?;
    refuse_what_others_may_read(path, &found)?;
    // Allocated once: a vector that grows leaves copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX) + 1;
    let read = file.take(limit).read_to_end(&mut content);
    read.map_err(failed("read", path))?;
    Ok(content)
}

/// Writes a file that is not there yet, for its owner alone.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), MasterKeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed("create", path))?;
    let written = file
        .write_all(content)
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_directory_of(path));
    written.map_err(failed("write", path))
}

fn refuse_what_is_no_file(path: &Path, found: &fs::Metadata) -> Result<(), MasterKeyError> {
    if found.is_file() {
        return Ok(());
    }
    Err(MasterKeyError::NotAFile {
        path: path.to_owned(),
    })
}

#[cfg(unix)]
fn refuse_what_others_may_read(path: &Path, found: &fs::Metadata) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(MasterKeyError::OpenToOthers {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn refuse_what_others_may_read(_: &Path, _: &fs::Metadata) -> Result<(), MasterKeyError> {
    Ok(())
}

/// A key that is used and then gone with the power would take everything that it locked with it.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    directory::sync(parent.unwrap_or(Path::new(".")))
}

fn failed<'a>(
    attempt: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> MasterKeyError + 'a {
    move |error| MasterKeyError::File {
        attempt,
        path: path.to_owned(),
        what: error.to_string(),
    }
}
