//! Promises of the vault.

mod vectors;
