//! Promises of the vault.

mod boxes;
mod crashing;
mod erasing;
mod kit;
mod opening;
mod simulation;
