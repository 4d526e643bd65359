//! Promises of snapshots: a load from one says what replay alone says, whatever happened to the program,
//! the log or the index in between.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../kit/mod.rs"]
mod kit;

mod changes;
mod crashes;
mod histories;
mod kinds;
mod meter;
mod policies;
mod readers;
mod trust;
