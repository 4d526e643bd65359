//! Promises of the store, told on real files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../kit/mod.rs"]
mod kit;

mod append;
mod buffered;
mod clocks;
mod damage;
mod ending;
mod foreign;
mod fork;
mod full_disk;
mod holding;
mod large;
mod limits;
mod memory;
mod metadata;
mod model;
mod open;
mod paths;
mod poison;
mod prefix;
mod read;
mod readers;
mod rights;
mod room;
mod scarce;
mod waiting;
