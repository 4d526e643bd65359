//! Work that is ordered from another process: one order a line, one figure a line in answer.
//!
//! One of the peers cannot be built together with the rest; it is a program of its own that serves
//! these orders, and waits between them as all others do.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::work::Work;

/// A store at work in a process of its own.
pub struct Elsewhere {
    child: Child,
    orders: ChildStdin,
    figures: BufReader<ChildStdout>,
}

impl Elsewhere {
    /// Builds and runs the program of this manifest, for a store in this folder.
    pub fn open(manifest: &str, folder: &Path) -> Self {
        let mut child = Command::new("cargo")
            .args([
                "run",
                "--quiet",
                "--release",
                "--manifest-path",
                manifest,
                "--",
            ])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let figures = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            orders,
            figures,
        }
    }

    fn order(&mut self, order: &str) -> Option<f64> {
        writeln!(self.orders, "{order}").unwrap();
        let mut figure = String::new();
        self.figures.read_line(&mut figure).unwrap();
        assert!(
            !figure.is_empty(),
            "the other process has ended during `{order}`"
        );
        figure.trim().parse().ok()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = writeln!(self.orders, "end");
        let _ = self.child.wait();
    }
}

impl Work for Elsewhere {
    fn append(&mut self, callers: u64, bytes: usize, span: Duration) -> f64 {
        self.order(&format!("append {callers} {bytes} {}", span.as_micros()))
            .unwrap()
    }

    fn append_batches(&mut self, bytes: usize, span: Duration) -> f64 {
        self.order(&format!("batches {bytes} {}", span.as_micros()))
            .unwrap()
    }

    fn append_exactly(&mut self, callers: u64, appends: u64, bytes: usize) {
        self.order(&format!("exactly {callers} {appends} {bytes}"));
    }

    fn fill(&mut self, bytes: usize) {
        self.order(&format!("fill {bytes}"));
    }

    fn read_log(&mut self) -> Option<f64> {
        self.order("log")
    }

    fn load(&mut self) -> Option<f64> {
        self.order("load")
    }

    fn project(&mut self) -> Option<f64> {
        self.order("project")
    }
}
