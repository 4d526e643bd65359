//! Promises of the repository: load, save, execute, and time travel.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../kit/mod.rs"]
mod kit;

mod execute;
mod load;
mod save;
mod schema;
