//! Promises of the vault.
