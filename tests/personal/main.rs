//! Personal data: sealed where it is stored, and gone for good when it is shredded.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; a child tells its parent that it is ready"
)]

#[path = "../kit/mod.rs"]
mod kit;
mod opening;
mod people;
mod processes;
mod restore;
mod sealing;
mod shredding;
