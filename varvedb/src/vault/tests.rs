//! Promises of the vault.

mod boxes;
mod erasing;
mod kit;
mod opening;
