//! The vault's directories and files: where they may lie, who may read them, and how they are made.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::disk::FileDisk;
use super::error::VaultError;
use super::media;
use super::options::VaultOptions;
use super::replicas::Replicas;
use crate::directory;
use crate::error::StorageError;

const FILE_A: &str = "keys.a";
const FILE_B: &str = "keys.b";
const NO_BACKUP: &str = ".nobackup";
const GROWTH: u64 = 1 << 20;
const OTHERS: u32 = 0o077;

/// Makes the directories if that is allowed, and checks where they lie and who may look into them.
pub(super) fn enter(
    options: &VaultOptions,
    store_dir: &Path,
    may_create: bool,
) -> Result<(), VaultError> {
    let dirs = [(&options.dir, FILE_A), (&options.second, FILE_B)];
    for (dir, _) in dirs {
        if !options.allow_colocated && lies_in(dir, store_dir) {
            return Err(VaultError::Colocated { path: dir.clone() });
        }
    }
    for (dir, file) in dirs {
        if may_create {
            make_dir(dir)?;
        } else if !dir.exists() {
            return Err(without(&dir.join(file), options));
        }
        check_mode(dir)?;
    }
    Ok(())
}

/// The replicas as they are; one that is missing is made, empty, if that is allowed.
pub(super) fn open(
    options: &VaultOptions,
    is_writer: bool,
    may_create: bool,
) -> Result<Replicas, VaultError> {
    let paths = [options.dir.join(FILE_A), options.second.join(FILE_B)];
    let [a, b] = &paths;
    // One without the other is a creation that did not get far, unless there is something in it.
    let may_create = may_create && is_blank(a)? && is_blank(b)?;
    let open = |path| open_replica(path, is_writer, may_create);
    let open = |path| open(path)?.ok_or_else(|| without(path, options));
    let (a, b) = (open(a)?, open(b)?);
    if may_create {
        for dir in [&options.dir, &options.second] {
            forbid_backup(dir)?;
            directory::sync_storage(dir)?;
        }
    }
    Ok(Replicas::new(Box::new(FileDisk::new(a, b)), paths, GROWTH))
}

/// A file is not there: the vault, or one of its replicas alone.
fn without(path: &Path, options: &VaultOptions) -> VaultError {
    let replicas = [options.dir.join(FILE_A), options.second.join(FILE_B)];
    let path = path.to_owned();
    match replicas.into_iter().find(|other| other.exists()) {
        Some(other) => VaultError::MissingReplica { path, other },
        None => VaultError::Missing { path },
    }
}

fn make_dir(dir: &Path) -> Result<(), StorageError> {
    if dir.exists() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| StorageError::io("create", dir, error))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => directory::sync_storage(parent),
        _ => Ok(()),
    }
}

fn lies_in(dir: &Path, store_dir: &Path) -> bool {
    let absolute = |path: &Path| -> PathBuf {
        let known = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        known.unwrap_or_else(|_| path.to_owned())
    };
    absolute(dir).starts_with(absolute(store_dir))
}

fn check_mode(path: &Path) -> Result<(), VaultError> {
    let metadata = fs::metadata(path).map_err(|error| StorageError::io("look at", path, error))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let path = path.to_owned();
    Err(VaultError::Permissions { path, mode })
}

/// Whether there is no replica, or one whose first page was never written.
fn is_blank(path: &Path) -> Result<bool, StorageError> {
    use std::io::Read;
    let mut page = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut page));
    match read {
        Ok(_) => Ok(page.iter().all(|byte| *byte == 0)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(StorageError::io("read", path, error)),
    }
}

/// `None` if there is no such file.
fn open_replica(
    path: &Path,
    is_writer: bool,
    may_create: bool,
) -> Result<Option<File>, VaultError> {
    let file = OpenOptions::new()
        .read(true)
        .write(is_writer)
        .create(is_writer && may_create)
        .truncate(false)
        .mode(0o600)
        .open(path);
    match file {
        Ok(file) => {
            check_mode(path)?;
            if may_create {
                media::ask_to_overwrite_in_place(&file); // it is blank, and most likely empty
            }
            Ok(Some(file))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StorageError::io("open", path, error).into()),
    }
}

/// A word that backup programs understand, if they were told to look for it.
fn forbid_backup(dir: &Path) -> Result<(), StorageError> {
    let path = dir.join(NO_BACKUP);
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path);
    made.map(drop)
        .map_err(|error| StorageError::io("create", &path, error))
}
