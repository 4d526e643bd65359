//! A stream that is not in the page cache, beside a random read of 4 KiB for each of its commits.
//!
//! `dd oflag=nocache` gives up the cached pages of a file (`posix_fadvise(DONTNEED)`), and the
//! operating system counts whether anything came from the disk afterwards. Where it did not, the
//! rows are left out: the figure would be that of a warm load.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use varvedb::Store;
use varvedb::blocking::Repository;

use crate::Plan;
use crate::interleaved::{self, LENGTH};
use crate::load::{aggregate, declare, load};
use crate::mapped::segments;
use crate::process::bytes_read;
use crate::random::Random;
use crate::round::{head, in_turn, less_is_better, note};

/// Streams of the store: a page of the log holds no two events of one.
const STREAMS: u64 = 1_000;

/// What the disk reads at once.
const PAGE: u64 = 4096;

pub fn measure(plan: &Plan) {
    head(
        "Load a stream of 1,000 events, interleaved (reads only; page cache dropped by \
         `posix_fadvise(DONTNEED)`; store opened anew)",
        "us/load",
    );
    for bytes in plan.sizes {
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let path = folder.path().join("cold.varve");
        declare(&path, *bytes);
        interleaved::build(&path, STREAMS, *bytes);
        let copy = copy_of_log(&path);
        let of_repository = |store: &Store, stream: u64| {
            // Every tenth stream is of the aggregate's category.
            aggregate(&Repository::new(store), *bytes, stream - stream % 10)
        };
        let works: [(&str, Load<'_>); 2] = [("bytes", &load), ("an aggregate", &of_repository)];
        for (what, load) in works {
            let work = format!("{bytes} B, {STREAMS} streams, {LENGTH} commits, {what}");
            match compare(plan, (&path, &copy), load) {
                Ok(figures) => less_is_better(&work, figures),
                Err(reason) => note(&format!("{work}: left out, {reason}")),
            }
        }
    }
}

/// Loads a stream of a store, all of its events.
type Load<'l> = &'l dyn Fn(&Store, u64) -> u64;

/// Beside the store, its log in one file.
fn compare(
    plan: &Plan,
    (path, copy): (&Path, &Path),
    load: Load<'_>,
) -> Result<(f64, f64), &'static str> {
    let files = files(path);
    let mut random = Random::new(STREAMS);
    let mut pages = Random::new(LENGTH);
    is_dropped(&files, path)?;
    Ok(in_turn(
        plan.rounds,
        || {
            drop_cache(&files);
            let store = Store::open(path).unwrap();
            time(|| load(&store, random.below(STREAMS)))
        },
        || {
            drop_cache(&[copy.to_owned()]);
            let file = File::open(copy).unwrap();
            time(|| read_pages(&file, &mut pages))
        },
    ))
}

/// The whole log in one file, for the floor to read from.
fn copy_of_log(store: &Path) -> PathBuf {
    let path = store.with_extension("copy");
    let mut copy = File::create(&path).unwrap();
    for segment in segments(store) {
        std::io::copy(&mut File::open(segment).unwrap(), &mut copy).unwrap();
    }
    path
}

fn files(store: &Path) -> Vec<PathBuf> {
    let index = std::fs::read_dir(store.join("index")).unwrap();
    let index = index.map(|entry| entry.unwrap().path());
    segments(store).into_iter().chain(index).collect()
}

/// Tries whether a load comes from the disk once the cache was dropped.
fn is_dropped(files: &[PathBuf], store: &Path) -> Result<(), &'static str> {
    if !drop_cache(files) {
        return Err("there is no `dd` that knows `oflag=nocache`");
    }
    let before = bytes_read();
    load(&Store::open(store).unwrap(), 0);
    let is_cold = bytes_read() - before >= LENGTH * PAGE / 2;
    is_cold
        .then_some(())
        .ok_or("the page cache was not dropped")
}

fn drop_cache(files: &[PathBuf]) -> bool {
    files.iter().all(|file| {
        let mut dd = Command::new("dd");
        dd.args(["oflag=nocache", "conv=notrunc,fdatasync", "count=0"]);
        dd.arg(format!("of={}", file.display()));
        let status = dd.stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}

fn read_pages(file: &File, random: &mut Random) -> u64 {
    let pages = file.metadata().unwrap().len() / PAGE;
    let mut page = vec![0; usize::try_from(PAGE).unwrap()];
    let read = |_| {
        let at = random.below(pages) * PAGE;
        file.read_exact_at(&mut page, at).unwrap();
        u64::from(page[0])
    };
    (0..LENGTH).map(read).sum()
}

fn time(work: impl FnOnce() -> u64) -> f64 {
    let begun = Instant::now();
    std::hint::black_box(work());
    begun.elapsed().as_secs_f64() * 1e6
}
