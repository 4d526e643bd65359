use std::io::{Seek, SeekFrom, Write};

use super::super::MediaProbe;
use super::*;

const MOUNTS: &str = "\
36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext4 /dev/root rw,errors=continue,data=journal
37 35 98:1 / /var rw,noatime - ext4 /dev/sdb rw,errors=continue
38 35 0:42 / /tmp rw - tmpfs tmpfs rw
";

#[test]
fn the_options_of_a_file_system_are_found_by_its_device() {
    assert_eq!(
        options_of(MOUNTS, "98:0"),
        Some("rw,errors=continue,data=journal")
    );
    assert_eq!(options_of(MOUNTS, "98:1"), Some("rw,errors=continue"));
    assert_eq!(options_of(MOUNTS, "98:2"), None);
    assert_eq!(options_of("98:2", "98:2"), None);
    assert_eq!(options_of("1 2 98:2", "98:2"), None);
}

#[test]
fn extents_that_were_split_meanwhile_are_the_same_place() {
    let mut whole = nothing(0, 8192);
    whole.add((0, 65536, 8192), FiemapExtentFlags::LAST);
    let mut split = nothing(0, 8192);
    split.add((0, 65536, 4096), FiemapExtentFlags::empty());
    split.add((4096, 69632, 4096), FiemapExtentFlags::LAST);
    assert_eq!(whole, split);
    let mut moved = nothing(0, 8192);
    moved.add((0, 65536, 4096), FiemapExtentFlags::empty());
    moved.add((4096, 98304, 4096), FiemapExtentFlags::LAST);
    assert_ne!(whole, moved);
}

#[test]
fn bytes_with_a_hole_in_them_are_not_whole() {
    let mut extents = nothing(0, 8192);
    assert!(!extents.is_whole());
    extents.add((0, 65536, 4096), FiemapExtentFlags::LAST);
    assert!(!extents.is_whole());
}

/// Whatever file system the tests run on: it may be unknown, and it must not be called verified without cause.
#[test]
fn an_overwrite_is_verified_only_where_blocks_are_told() {
    let mut file = tempfile::tempfile().unwrap();
    super::super::ask_to_overwrite_in_place(&file);
    file.write_all(&[1; 8192]).unwrap();
    file.sync_all().unwrap();
    let probe = MediaProbe::before(&file, 4096, 128);
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&[2; 128]).unwrap();
    file.sync_data().unwrap();
    let media = probe.after(&file);
    let tells = Extents::of(&file, 4096, 128).is_some_and(|extents| extents.is_whole());
    assert!(tells || media != Media::InPlaceVerified, "{media:?}");
}

#[test]
fn bytes_that_are_not_there_are_never_verified() {
    let file = tempfile::tempfile().unwrap();
    let probe = MediaProbe::before(&file, 4096, 128);
    assert_ne!(probe.after(&file), Media::InPlaceVerified);
    let probe = MediaProbe::before(&file, u64::MAX, 128);
    assert_ne!(probe.after(&file), Media::InPlaceVerified);
}

#[test]
fn of_two_replicas_the_lesser_is_told() {
    use Media::{CopyOnWrite, InPlaceVerified, Journaled, Unknown};
    assert_eq!(InPlaceVerified.lesser(InPlaceVerified), InPlaceVerified);
    assert_eq!(InPlaceVerified.lesser(Unknown), Unknown);
    assert_eq!(Journaled.lesser(Unknown), Journaled);
    assert_eq!(Journaled.lesser(CopyOnWrite), CopyOnWrite);
}

fn nothing(offset: u64, len: u64) -> Extents {
    Extents {
        offset,
        len,
        pieces: Vec::new(),
        is_shared: false,
        is_opaque: false,
    }
}
