//! What is left on the disk itself, below the files: file systems in image files, searched byte by byte.
//!
//! It mounts, so it wants root and the tools of the file systems; what is missing is skipped aloud.
//! `cargo test -p varvedb --test privacy -- --ignored --nocapture`

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use varvedb::blocking::Store;
use varvedb::{MasterKey, Media, VaultOptions};

use super::examiner::{WRAP, occurrences};
use super::people::{ADA, Registry, subject};

const IMAGE_BYTES: u64 = 320 << 20; // less is refused by xfs
const PAGE: usize = 4096;
const SLOT: usize = 128;

#[derive(Clone, Copy, Debug)]
enum FileSystem {
    Ext4,
    Ext4WithJournaledData,
    Xfs,
    Btrfs,
}

/// What a shred on this file system said, and how often the erased keys are still on the disk.
struct Outcome {
    media: Media,
    left: usize,
    /// The same for a file that was replaced, as files usually are, instead of overwritten.
    left_by_replacing: usize,
}

#[test]
#[ignore = "mounts images: wants root"]
fn on_ext4_nothing_is_left() {
    verified(FileSystem::Ext4);
}

#[test]
#[ignore = "mounts images: wants root"]
fn on_xfs_nothing_is_left() {
    verified(FileSystem::Xfs);
}

#[test]
#[ignore = "mounts images: wants root"]
fn on_btrfs_nothing_is_left_since_the_vault_asks_for_no_copy_on_write() {
    verified(FileSystem::Btrfs);
}

#[test]
#[ignore = "mounts images: wants root"]
fn a_journal_of_content_is_told() {
    let Some(outcome) = shred_on(FileSystem::Ext4WithJournaledData, &[]) else {
        return;
    };
    assert_eq!(outcome.media, Media::Journaled);
    assert!(outcome.left > 0, "else it need not be told");
}

#[test]
#[ignore = "mounts images: wants root"]
fn blocks_that_are_shared_with_a_copy_are_told() {
    copied(
        FileSystem::Xfs,
        &["cp", "--reflink=always", "keys/keys.a", "copy"],
    );
}

#[test]
#[ignore = "mounts images: wants root"]
fn blocks_that_are_shared_with_a_snapshot_are_told() {
    copied(
        FileSystem::Btrfs,
        &["btrfs", "subvolume", "snapshot", ".", "snapshot"],
    );
}

/// A copy that was made before the shred, without copying a block.
fn copied(system: FileSystem, copy: &[&str]) {
    let Some(outcome) = shred_on(system, copy) else {
        return;
    };
    assert_eq!(outcome.media, Media::CopyOnWrite);
    assert!(outcome.left > 0, "else it need not be told");
}

fn verified(system: FileSystem) {
    let Some(outcome) = shred_on(system, &[]) else {
        return;
    };
    assert_eq!(outcome.media, Media::InPlaceVerified);
    assert_eq!(outcome.left, 0);
    assert!(
        outcome.left_by_replacing > 0,
        "the search finds what is there"
    );
}

/// Registers people, runs a command in the file system, and shreds one of them.
fn shred_on(system: FileSystem, meanwhile: &[&str]) -> Option<Outcome> {
    let mut erased = Vec::new();
    let mut media = Media::Unknown;
    let marker: [u8; WRAP] =
        std::array::from_fn(|at| u8::try_from(at * 7 % 251).unwrap_or(0) ^ 0xA5);
    let image = on(system, |folder| {
        let vault = || VaultOptions::new(folder.join("keys"), MasterKey::new([7; 32]));
        let open = || {
            let options = varvedb::Store::options().vault(vault());
            Store::new(&options.open(folder.join("people.varve")).unwrap())
        };
        let store = open();
        Registry::register_people(&store);
        drop(store);
        if let Some((program, arguments)) = meanwhile.split_first() {
            let mut command = Command::new(program);
            assert!(
                run(command.args(arguments).current_dir(folder)),
                "{meanwhile:?}"
            );
        }
        let before = fs::read(folder.join("keys/keys.a")).unwrap();
        let store = open();
        media = store.shred(subject(ADA)).run().unwrap().media;
        drop(store);
        let after = fs::read(folder.join("keys/keys.a")).unwrap();
        erased = wraps_erased(&before, &after);
        replace_a_file(folder, &marker);
    })?;
    let left = erased.iter().map(|wrap| image.count(wrap)).sum();
    let left_by_replacing = image.count(&marker);
    println!(
        "{system:?}: {media:?}, {} keys erased, {left} copies left; {left_by_replacing} of a file that was replaced",
        erased.len()
    );
    assert!(!erased.is_empty());
    Some(Outcome {
        media,
        left,
        left_by_replacing,
    })
}

/// The wrapped keys of slots that were live and are erased.
fn wraps_erased(before: &[u8], after: &[u8]) -> Vec<Vec<u8>> {
    let slots =
        |bytes: &[u8]| -> Vec<Vec<u8>> { bytes[PAGE..].chunks(SLOT).map(<[u8]>::to_vec).collect() };
    let pairs = slots(before).into_iter().zip(slots(after));
    let erased = pairs.filter(|(before, after)| before[0] == 0xA1 && after[0] == 0xE5);
    erased
        .map(|(before, _)| before[48..48 + WRAP].to_vec())
        .collect()
}

/// The usual way: another file is written and renamed over the first.
fn replace_a_file(folder: &Path, content: &[u8]) {
    let (file, other) = (folder.join("replaced"), folder.join("other"));
    fs::write(&file, content.repeat(100)).unwrap();
    File::open(&file).unwrap().sync_all().unwrap();
    fs::write(&other, [0; 100 * WRAP]).unwrap();
    File::open(&other).unwrap().sync_all().unwrap();
    fs::rename(other, file).unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
}

/// An image of a file system that was written to and unmounted.
struct Image {
    _folder: TempDir,
    path: PathBuf,
}

impl Image {
    /// How often these bytes are in it.
    fn count(&self, sought: &[u8]) -> usize {
        occurrences(&fs::read(&self.path).unwrap(), sought).count()
    }
}

/// Does something in a new file system. `None`, said aloud, where that cannot be made here.
fn on(system: FileSystem, act: impl FnOnce(&Path)) -> Option<Image> {
    let folder = tempfile::tempdir().unwrap();
    let (path, mount) = (folder.path().join("image"), folder.path().join("mount"));
    File::create(&path).unwrap().set_len(IMAGE_BYTES).unwrap();
    fs::create_dir(&mount).unwrap();
    let (make, options) = system.tools();
    let (program, arguments) = make.split_first()?;
    if !run(Command::new(program).args(arguments).arg(&path)) {
        println!("SKIPPED {system:?}: `{program}` is not there, or failed");
        return None;
    }
    let options = ["-o", options];
    if !run(Command::new("mount").args(options).args([&path, &mount])) {
        println!(
            "SKIPPED {system:?}: it cannot be mounted; that wants root, loop devices and a kernel that has it"
        );
        return None;
    }
    let mounted = Mounted(mount);
    act(&mounted.0);
    drop(mounted);
    Some(Image {
        _folder: folder,
        path,
    })
}

impl FileSystem {
    fn tools(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Ext4 => (&["mkfs.ext4", "-q", "-F"], "loop,nodiscard"),
            Self::Ext4WithJournaledData => {
                (&["mkfs.ext4", "-q", "-F"], "loop,nodiscard,data=journal")
            }
            Self::Xfs => (&["mkfs.xfs", "-q", "-f"], "loop,nodiscard"),
            Self::Btrfs => (&["mkfs.btrfs", "-q", "-f"], "loop,nodiscard"),
        }
    }
}

/// Unmounted when dropped, also by a test that fails.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        run(Command::new("sync").arg("-f").arg(&self.0));
        run(Command::new("umount").arg(&self.0));
    }
}

fn run(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
