//! A store that has grown to so many events of 64 bytes, in batches of 1,000.
//!
//! Nine of ten events go to a million streams by chance. The others go to streams of exactly 100
//! events, which lie spread over the whole log: each of them gets one event before any gets the
//! next.

use std::path::{Path, PathBuf};

use varvedb::{Durability, ExpectedVersion, NewCommit, NewEvent, StreamId, TypeName, blocking};

use crate::random::Random;

/// Bytes of a payload.
pub const BYTES: usize = 64;

/// Streams that events go to by chance.
pub const STREAMS: u64 = 1_000_000;

/// Events of each of the other streams.
pub const LENGTH: u64 = 100;

const BATCH: u64 = 1_000;

/// Events of a batch that go to streams of [`LENGTH`].
const REGULAR: u64 = BATCH / 10;

pub struct Grown {
    pub path: PathBuf,
    pub events: u64,
}

impl Grown {
    /// Makes the store and closes it.
    pub fn new(folder: &Path, events: u64) -> Self {
        let path = folder.join(format!("{events}.varve"));
        let grown = Self { path, events };
        grown.fill();
        grown
    }

    /// How many streams have [`LENGTH`] events.
    pub fn regular_streams(&self) -> u64 {
        self.events / BATCH * REGULAR / LENGTH
    }

    fn fill(&self) {
        let store = blocking::Store::open(&self.path).unwrap();
        let mut random = Random::new(self.events);
        let mut turns: Vec<u64> = (0..self.regular_streams()).collect();
        let mut turn = turns.len();
        for _ in 0..self.events / BATCH {
            let mut streams: Vec<StreamId> =
                (REGULAR..BATCH).map(|_| any_stream(&mut random)).collect();
            for _ in 0..REGULAR {
                if turn == turns.len() {
                    random.shuffle(&mut turns);
                    turn = 0;
                }
                streams.push(regular_stream(turns[turn]));
                turn += 1;
            }
            random.shuffle(&mut streams);
            let _ = store.commit(batch(streams)).unwrap();
        }
    }
}

fn batch(streams: Vec<StreamId>) -> NewCommit {
    let commit = NewCommit::new().with_durability(Durability::Buffered);
    streams.into_iter().fold(commit, |commit, stream| {
        commit.append(stream, ExpectedVersion::Any, [event()])
    })
}

pub fn event() -> NewEvent {
    NewEvent::new(TypeName::new("bench.done").unwrap(), vec![7; BYTES])
}

/// One of a million.
pub fn any_stream(random: &mut Random) -> StreamId {
    StreamId::new("bench", random.below(STREAMS)).unwrap()
}

/// One that has exactly [`LENGTH`] events.
pub fn regular_stream(number: u64) -> StreamId {
    StreamId::new("regular", number).unwrap()
}
