//! Events change their shape and their name, and everything that was stored is still read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod explained;
mod fallback;
#[path = "../kit/mod.rs"]
mod kit;
mod names;
mod opening;
mod order;
mod paths;
mod splits;
mod unknown;
