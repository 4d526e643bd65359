//! Aggregates over the events of [`interleaved`](crate::interleaved): the sum of their first bytes.

use std::convert::Infallible;

use varvedb::prelude::*;

/// What depends on every event of an aggregate.
pub trait Summed {
    fn sum(&self) -> u64;
}

/// Of events of 64 bytes.
pub struct Short(u64);

/// Of events of 256 bytes.
pub struct Long(u64);

#[derive(VarveEvent)]
#[varve(stream = "tenth")]
pub enum ShortEvent {
    Begun { words: [u64; 8] },
    Done { words: [u64; 8] },
}

#[derive(VarveEvent)]
#[varve(stream = "tenth")]
pub enum LongEvent {
    Begun { words: [u64; 32] },
    Done { words: [u64; 32] },
}

#[aggregate(id = u64, event = ShortEvent, error = Infallible)]
impl Short {
    #[apply]
    fn begun(event: ShortBegun<'_>) -> Self {
        Self(event.words[0] & 0xFF)
    }

    #[apply]
    fn done(&mut self, event: ShortDone<'_>) {
        self.0 += event.words[0] & 0xFF;
    }
}

#[aggregate(id = u64, event = LongEvent, error = Infallible)]
impl Long {
    #[apply]
    fn begun(event: LongBegun<'_>) -> Self {
        Self(event.words[0] & 0xFF)
    }

    #[apply]
    fn done(&mut self, event: LongDone<'_>) {
        self.0 += event.words[0] & 0xFF;
    }
}

impl Summed for Short {
    fn sum(&self) -> u64 {
        self.0
    }
}

impl Summed for Long {
    fn sum(&self) -> u64 {
        self.0
    }
}
