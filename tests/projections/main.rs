//! Promises of projections and the processor.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../kit/mod.rs"]
mod kit;

mod exactly_once;
mod inside;
mod memory;
mod processor;
mod stale;
mod tables;
