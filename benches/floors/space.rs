//! What an event takes on the disk, in the log and in the index, once the store is closed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use varvedb::{Durability, ExpectedVersion, NewCommit, NewEvent, Store, StreamId, TypeName};

use crate::Plan;
use crate::random::Random;
use crate::round::{space_head, space_row};

/// Events in a batch, callers of single commits, and streams that events are spread over.
const BATCH: u64 = 1_000;
const CALLERS: u64 = 64;
const STREAMS: u64 = 10_000;

/// How the events come into the store.
#[derive(Clone, Copy)]
enum Layout {
    BatchesToOneStream,
    BatchesInterleaved,
    SingleCommits,
}

impl Layout {
    const ALL: [(Self, &'static str); 3] = [
        (Self::BatchesToOneStream, "batches of 1,000 to one stream"),
        (
            Self::BatchesInterleaved,
            "batches of 1,000 over 10k streams",
        ),
        (Self::SingleCommits, "single commits to 10k streams"),
    ];

    /// Events in each commit.
    fn batch(self) -> u64 {
        match self {
            Self::SingleCommits => 1,
            Self::BatchesToOneStream | Self::BatchesInterleaved => BATCH,
        }
    }

    fn commit(self, bytes: usize, random: &mut Random) -> NewCommit {
        let type_name = TypeName::new("bench.done").unwrap();
        let event = || NewEvent::new(type_name.clone(), vec![7; bytes]);
        let any = ExpectedVersion::Any;
        let commit = match self {
            Self::BatchesToOneStream => {
                NewCommit::new().append(stream(0), any, (0..BATCH).map(|_| event()))
            }
            Self::BatchesInterleaved | Self::SingleCommits => (0..self.batch())
                .fold(NewCommit::new(), |commit, _| {
                    commit.append(stream(random.below(STREAMS)), any, [event()])
                }),
        };
        commit.with_durability(Durability::Buffered) // quicker, and the same bytes
    }
}

fn stream(key: u64) -> StreamId {
    StreamId::new("bench", key).unwrap()
}

pub fn measure(plan: &Plan) {
    space_head(
        "Space (blocks on the disk after closing; up to 256 KiB of it is room for frames to come)",
    );
    for bytes in plan.sizes {
        for (layout, work) in Layout::ALL {
            let folder = tempfile::tempdir_in(&plan.dir).unwrap();
            let path = folder.path().join("space.varve");
            fill(&path, plan.events, layout, *bytes);
            let per_event = |part| on_disk(&path.join(part)) as f64 / plan.events as f64;
            let work = format!("{bytes} B, {work}");
            space_row(&work, *bytes as f64, per_event("log"), per_event("index"));
        }
    }
}

fn fill(path: &Path, events: u64, layout: Layout, bytes: usize) {
    let store = Store::open(path).unwrap();
    Runtime::new().unwrap().block_on(async {
        let mut tasks = JoinSet::new();
        for caller in 0..CALLERS {
            let commits = events / layout.batch();
            let share = commits / CALLERS + u64::from(caller < commits % CALLERS);
            let (store, mut random) = (store.clone(), Random::new(caller));
            tasks.spawn(async move {
                for _ in 0..share {
                    let commit = layout.commit(bytes, &mut random);
                    let _ = store.commit(commit).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
    });
}

/// Bytes of the blocks that a folder's files take.
fn on_disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    let blocks = files.map(|file| file.unwrap().metadata().unwrap().blocks());
    blocks.sum::<u64>() * 512
}
