//! A file that is read where it is mapped.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

/// Maps a file that nobody writes to while it is mapped.
#[expect(unsafe_code, reason = "a floor maps files as the log does")]
pub fn map(file: &File) -> Mmap {
    // SAFETY: a map is sound as long as the file is neither changed nor cut short. Nobody knows of
    // the benchmark's own files, and its stores write no more while they are measured.
    unsafe { Mmap::map(file) }.unwrap()
}

/// The segments of a store's log, in order.
pub fn segments(store: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(store.join("log")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
