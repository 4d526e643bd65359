//! What is left of what was shredded: looked for with all bytes of all files, and the master key.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; what is skipped is said aloud"
)]

#[path = "../personal/club.rs"]
#[expect(dead_code, reason = "the club of other stories has more to tell")]
mod club;
mod examiner;
mod images;
mod naive;
#[path = "../personal/people.rs"]
#[expect(dead_code, reason = "the people of other stories have more to tell")]
mod people;
mod shredded;
mod vectors;
