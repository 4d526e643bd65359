//! What is left of what was shredded: looked for with all bytes of all files, and the master key.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; what is skipped is said aloud"
)]

mod examiner;
mod naive;
mod vectors;
