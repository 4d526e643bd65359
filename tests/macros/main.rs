//! The macros as a user meets them: what they accept, and what is said otherwise.
//!
//! `TRYBUILD=overwrite cargo test --test macros` writes the `.stderr` files anew; read them like code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod round_trip;

use std::path::Path;
use std::process::Command;

#[test]
fn right_programs_compile_and_run() {
    trybuild::TestCases::new().pass("../tests/macros/pass/*.rs");
}

/// Sentences of ours, which are the same on every toolchain.
#[test]
fn the_macros_say_what_is_wrong() {
    trybuild::TestCases::new().compile_fail("../tests/macros/ui/*/*.rs");
}

/// Sentences of rustc's about code of ours; its wording is kept for one version only.
#[test]
fn rustc_says_what_is_wrong() {
    if is_pinned_toolchain() {
        trybuild::TestCases::new().compile_fail("../tests/macros/rustc/*/*.rs");
    }
}

/// The same of what rustc also shows in its own library: it prints those lines only where the sources of
/// that are installed, and not all have them.
#[test]
fn rustc_says_what_is_wrong_and_where_in_its_library() {
    if is_pinned_toolchain() && has_library_sources() {
        trybuild::TestCases::new().compile_fail("../tests/macros/std/*/*.rs");
    }
}

fn has_library_sources() -> bool {
    let sysroot = rustc(&["--print", "sysroot"]);
    let sources = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    sources.is_dir()
}

fn is_pinned_toolchain() -> bool {
    let pin = include_str!("../../rust-toolchain.toml");
    let running = rustc(&["--version"]);
    let version = running.split_whitespace().nth(1).expect("a version");
    pin.contains(&format!("\"{version}\"")) || pin.contains(&format!("\"{}\"", minor(version)))
}

fn rustc(arguments: &[&str]) -> String {
    let output = Command::new("rustc").args(arguments).output();
    String::from_utf8(output.expect("rustc runs").stdout).expect("text")
}

/// `1.95` of `1.95.0`.
fn minor(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(minor, _)| minor)
}
