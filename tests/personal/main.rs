//! Personal data: sealed where it is stored, and gone for good when it is shredded.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed; modules read like those of a library"
)]

mod access;
mod bytes;
mod club;
mod copying;
mod evolving;
mod fallbacks;
mod interrupted;
mod keeping;
mod kills;
#[path = "../kit/mod.rs"]
mod kit;
mod leaks;
mod lookup;
mod opening;
mod people;
mod processes;
mod restore;
mod retention;
mod roots;
mod sealing;
mod shredding;
mod step;
