//! Power cuts: of what was written and not synced, any sectors may be on the disk, in any order.
//!
//! The file is copied after a sync and again after the next write. Whatever differs is what a disk
//! may have or not have, sector by sector; every image made so is opened and checked.

use super::*;

const SECTOR: usize = 512;
/// Up to so many sectors that differ, every subset is tried; of more, so many samples.
const EXHAUSTIVE: usize = 8;
const SAMPLES: u64 = 120;

/// Before and after a write that was not synced.
struct Cut {
    synced: Vec<u8>,
    written: Vec<u8>,
    sectors: Vec<usize>,
}

impl Cut {
    fn new(synced: Vec<u8>, written: Vec<u8>) -> Self {
        let mut synced = synced;
        synced.resize(written.len(), 0);
        let pairs = synced.chunks(SECTOR).zip(written.chunks(SECTOR));
        let sectors = pairs
            .enumerate()
            .filter_map(|(i, (old, new))| (old != new).then_some(i))
            .collect();
        Self {
            synced,
            written,
            sectors,
        }
    }

    /// Each image in turn, and whether it has every sector.
    fn each_image(&self, mut check: impl FnMut(&[u8], bool)) {
        let count = self.sectors.len();
        let subsets = if count <= EXHAUSTIVE {
            1 << count
        } else {
            SAMPLES
        };
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        for subset in 0..subsets {
            let mut is_new = vec![false; count];
            if count <= EXHAUSTIVE {
                (0..count).for_each(|i| is_new[i] = subset >> i & 1 == 1);
            } else {
                is_new.fill_with(|| {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    random & 7 > subset % 7
                });
                // Every other disk writes in order up to somewhere.
                let in_order =
                    count * usize::try_from(subset).unwrap() / usize::try_from(SAMPLES).unwrap();
                if subset.is_multiple_of(2) {
                    is_new.iter_mut().take(in_order).for_each(|new| *new = true);
                }
            }
            let mut image = self.synced.clone();
            for (sector, _) in self.sectors.iter().zip(&is_new).filter(|(_, new)| **new) {
                let range = sector * SECTOR..((sector + 1) * SECTOR).min(image.len());
                image[range.clone()].copy_from_slice(&self.written[range]);
            }
            check(&image, is_new.iter().all(|new| *new));
        }
    }
}

/// Three synced events, and then groups of unsynced ones of these sizes.
fn cut_in_groups(groups: &[&[usize]]) -> (Cut, Vec<Vec<u8>>) {
    let options = LogOptions {
        segment_bytes: 1024 * 1024,
        ..options()
    };
    let dir = dir();
    let opened = open(dir.path(), &options, Start::default(), &mut |_| Ok(()));
    let (log, mut writer, _) = opened.unwrap();
    for payload in [&b"one"[..], b"two", b"three"] {
        append(&mut writer, &[payload]);
    }
    let synced = fs::read(segment(&dir, 1)).unwrap();
    for (group, number) in groups.iter().zip(1_u8..) {
        for len in *group {
            lay(&mut writer, &[&vec![number; *len], b""]);
        }
        writer.flush(false).unwrap();
    }
    let written = fs::read(segment(&dir, 1)).unwrap();
    (Cut::new(synced, written), payloads(&log))
}

/// What a power cut left, as the log that is opened shows it: or what is wrong with it.
fn verdict(image: &[u8], all: &[Vec<u8>], synced: usize) -> Result<usize, String> {
    let dir = dir();
    fs::write(segment(&dir, 1), image).unwrap();
    let (log, mut writer, _) = reopen(dir.path()).map_err(|error| error.to_string())?;
    let found = payloads(&log);
    if found.len() < synced {
        return Err(format!(
            "{} of {synced} synced events are there",
            found.len()
        ));
    }
    if !all.starts_with(&found) {
        return Err("what is there is not what was written".to_owned());
    }
    if !(found.len() - synced).is_multiple_of(2) {
        return Err("half a commit is there".to_owned());
    }
    append(&mut writer, &[b"next"]);
    drop(writer);
    let again = payloads(&reopen(dir.path()).map_err(|error| error.to_string())?.0);
    let is_next = again.last().is_some_and(|last| last == b"next");
    if again.len() != found.len() + 1 || !is_next {
        return Err("something came back to life".to_owned());
    }
    Ok(found.len())
}

fn check_all(groups: &[&[usize]]) {
    let (cut, all) = cut_in_groups(groups);
    assert!(cut.sectors.len() > 1);
    let mut seen = BTreeSet::new();
    cut.each_image(|image, is_whole| {
        let found = verdict(image, &all, 3).unwrap();
        assert!(found == all.len() || !is_whole, "nothing was lost");
        seen.insert(found);
    });
    assert!(
        seen.contains(&3) && seen.len() > 1,
        "some cuts take something: {seen:?}"
    );
}

#[test]
fn a_power_cut_in_one_commit_leaves_all_of_it_or_nothing() {
    check_all(&[&[3_000]]);
}

#[test]
fn a_power_cut_in_a_group_of_small_commits_leaves_a_prefix_of_it() {
    check_all(&[&[200, 300, 600, 10, 900]]);
}

#[test]
fn a_power_cut_in_several_unsynced_groups_leaves_a_prefix_of_them() {
    check_all(&[&[700, 500], &[400], &[900, 100]]);
}

#[test]
fn a_power_cut_in_a_large_group_leaves_a_prefix_of_it() {
    check_all(&[&[64, 700, 2_000, 64, 9_000, 12_000, 64]]);
}

/// A group for which the segment has no zeros ahead lengthens its file: what a power cut leaves of it may be
/// of any length, and what was written beyond where the file ends is gone.
#[test]
fn a_power_cut_in_a_group_that_lengthens_the_file_leaves_a_prefix_of_it() {
    let (cut, all) = cut_in_groups(&[&[90_000, 2_000, 120_000]]);
    let synced = cut.sectors[0] * SECTOR;
    let (first, last) = (synced + SECTOR, cut.written.len());
    // All that the file has room for is there, or any of its sectors are.
    let mut whole = BTreeSet::new();
    for len in (first..last).step_by(3 * SECTOR + 100) {
        whole.insert(verdict(&cut.written[..len], &all, 3).unwrap());
    }
    let mut torn = BTreeSet::new();
    let mut lengths = (first..last).step_by(15 * SECTOR + 100);
    cut.each_image(|image, _| {
        let len = lengths.next().unwrap_or(image.len());
        torn.insert(verdict(&image[..len], &all, 3).unwrap());
    });
    assert_eq!(whole, BTreeSet::from([3, 5, 7, 9]));
    assert!(torn.is_subset(&whole) && torn.contains(&3), "{torn:?}");
}

/// The negative control: had the log said that the group was synced, the same images would be lost
/// commits, and the check would find them.
#[test]
fn the_check_of_power_cuts_notices_a_loss() {
    let (cut, all) = cut_in_groups(&[&[3_000]]);
    let mut losses = 0;
    cut.each_image(|image, _| losses += u32::from(verdict(image, &all, all.len()).is_err()));
    assert_eq!(
        losses,
        (1 << cut.sectors.len()) - 1,
        "all but the whole image"
    );
}

/// Recovery writes zeros over a torn tail. Cut off in the middle of that, it starts again.
#[test]
fn a_power_cut_while_a_torn_tail_is_cut_off_changes_nothing() {
    let (cut, all) = cut_in_groups(&[&[600, 800, 1_200]]);
    let mut torn = cut.written.clone();
    torn[cut.sectors[1] * SECTOR + 20] ^= 1;
    let dir = dir();
    fs::write(segment(&dir, 1), &torn).unwrap();
    let (log, _, recovery) = reopen(dir.path()).unwrap();
    let left = log.end().position.get();
    assert!(recovery.cut.is_some());
    let zeroed = Cut::new(torn, fs::read(segment(&dir, 1)).unwrap());
    assert!(zeroed.sectors.len() > 2);
    zeroed.each_image(|image, _| {
        assert_eq!(verdict(image, &all, 3).unwrap() as u64, left);
    });
}

/// A segment is created, synced, and only then written to; a power cut meanwhile leaves any of its
/// sectors, or a file without any bytes.
#[test]
fn a_power_cut_while_a_segment_is_created_loses_nothing() {
    let made = dir();
    two_segments(&made);
    let mut begun = fs::read(segment(&made, 2)).unwrap();
    begun[64..].fill(0);
    let begun = Cut::new(Vec::new(), begun);
    begun.each_image(|image, _| {
        let dir = dir();
        fs::copy(segment(&made, 1), segment(&dir, 1)).unwrap();
        fs::write(segment(&dir, 2), image).unwrap();
        let (log, mut writer, _) = reopen(dir.path()).unwrap();
        assert_eq!(log.end().position, 6);
        append(&mut writer, &[b"next"]);
        drop(writer);
        assert_eq!(reopen(dir.path()).unwrap().0.end().position, 7);
    });
}
