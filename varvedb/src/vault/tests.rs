//! Promises of the vault.

mod boxes;
mod crashing;
mod damage;
mod erasing;
mod kit;
mod opening;
mod rotating;
mod simulation;
mod vectors;
