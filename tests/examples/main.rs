//! The examples do what they say; they are run here as a reader would run them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod bank;
#[allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "it is part of another program; here only its events are looked at"
)]
#[rustfmt::skip]
#[path = "../../examples/bank/domain.rs"]
mod domain;
mod lessons;

use std::path::PathBuf;
use std::process::{Command, Output};

// Nobody who has run the bank is left with a store that a later one cannot read.
varvedb::schema_lock!(bank_is_locked: "../examples/bank/varve.lock"; domain::AccountEvent);

/// An example's program, which `cargo test` has built beside this one.
fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let folder = tests
        .parent()
        .and_then(|deps| deps.parent())
        .unwrap()
        .join("examples");
    let program: PathBuf = folder.join(name);
    assert!(
        program.exists(),
        "run `cargo test` without a filter for targets: it builds {name}"
    );
    Command::new(program)
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

fn run(name: &str) -> String {
    let output = example(name).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}
