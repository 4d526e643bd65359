//! Stores that an earlier VarveDB wrote are read for ever.
//!
//! `stores/` holds one small store for each format. They were written once and are never written
//! again: not even when a test here fails, since that is what would happen to somebody's records.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod golden;
#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "ulid"
))]
mod guests;
#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "ulid"
))]
mod making;
mod reading;
mod sealed;
mod zoo;
