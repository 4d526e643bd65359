//! The second implementation of what the vault computes, in another language, agrees with its own vectors.
//! That the vault agrees with them is among its own tests.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[test]
fn the_second_implementation_agrees_with_the_vectors() {
    let Some(output) = run("check", Some("vectors.txt")) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_vectors_are_what_the_second_implementation_writes() {
    let Some(output) = run("write", None) else {
        return;
    };
    let kept = std::fs::read(folder().join("vectors.txt")).unwrap();
    assert!(
        output.status.success() && output.stdout == kept,
        "they were changed by hand"
    );
}

/// `None`, said aloud, where there is no Python with `cryptography`.
fn run(verb: &str, input: Option<&str>) -> Option<Output> {
    let has_python = Command::new("python3")
        .args(["-c", "import cryptography"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_python {
        println!("SKIPPED: there is no python3 with the package `cryptography`");
        return None;
    }
    let mut python = Command::new("python3");
    python.arg(folder().join("vectors.py")).arg(verb);
    if let Some(input) = input {
        python.stdin(File::open(folder().join(input)).unwrap());
    }
    Some(python.output().unwrap())
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/privacy"))
}
