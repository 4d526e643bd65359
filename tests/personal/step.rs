//! A child that stops between two steps of what it does, and is killed there.
//!
//! Steps are what the library tells when it has written or synced a file. Whoever stops in telling it has not begun the next.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use varvedb::{KeeperError, RootId, RootKeeper, RootKey};

use crate::kit::child;
use crate::kit::told::{Line, Listener};

const STOP_AT: &str = "STOP_AT";

/// What a child does, step by step: an ignored test of this program.
pub struct Act(pub &'static str);

impl Act {
    /// Does it on the store at this path, up to this step if one is given, and kills it there. Gives the steps it came through.
    pub fn run(&self, store: &Path, stop_at: Option<usize>) -> Vec<String> {
        let mut command = child(self.0, store);
        let stop_at = stop_at.unwrap_or(usize::MAX);
        let command = command.env(STOP_AT, stop_at.to_string());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut steps = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(step) = line.unwrap().strip_prefix("step: ") {
                steps.push(step.to_owned());
            }
            if steps.len() > stop_at {
                break;
            }
        }
        child.kill().unwrap();
        let killed = child.wait().unwrap();
        assert_eq!(steps.len() > stop_at, killed.code().is_none(), "{steps:?}");
        steps
    }
}

/// In a child: stops at the step that its parent wants.
pub struct Steps;

static ARE_COUNTED: AtomicBool = AtomicBool::new(false);
static REACHED: AtomicUsize = AtomicUsize::new(0);

impl Steps {
    /// From here on steps count.
    pub fn begin() {
        let listener = Listener(|line: &Line| {
            if let Some(step) = name(line) {
                reach(&step);
            }
        });
        tracing::subscriber::set_global_default(listener).unwrap();
        ARE_COUNTED.store(true, Ordering::SeqCst);
        reach("began");
    }

    /// It is done, and what comes is no step of it.
    pub fn end() {
        reach("answered");
        ARE_COUNTED.store(false, Ordering::SeqCst);
    }
}

fn name(line: &Line) -> Option<String> {
    let name = format!("{} {}", line.field("message"), line.field("replica"));
    let is_step = line.level == tracing::Level::TRACE;
    is_step.then(|| name.trim_end().to_owned())
}

fn reach(step: &str) {
    if !ARE_COUNTED.load(Ordering::SeqCst) {
        return;
    }
    let reached = REACHED.fetch_add(1, Ordering::SeqCst);
    let mut out = std::io::stdout().lock();
    write!(out, "\nstep: {step}\n").unwrap();
    out.flush().unwrap();
    drop(out);
    while std::env::var(STOP_AT).is_ok_and(|wanted| wanted == reached.to_string()) {
        std::thread::park();
    }
}

/// Keeps roots in files beside the store; whatever it does is a step.
#[derive(Debug)]
pub struct Drawer(PathBuf);

impl Drawer {
    pub fn beside(store: &Path) -> Self {
        Self(store.with_file_name("drawer"))
    }

    /// The epochs of the roots in it.
    pub fn epochs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    fn root(&self, root: RootId) -> PathBuf {
        self.0.join(root.epoch.to_string())
    }
}

impl RootKeeper for Drawer {
    fn create(&self, root: RootId) -> Result<(), KeeperError> {
        std::fs::create_dir_all(&self.0).map_err(KeeperError::failed)?;
        if !self.root(root).exists() {
            let key = RootKey::generate()?;
            std::fs::write(self.root(root), key.as_bytes()).map_err(KeeperError::failed)?;
        }
        tracing::trace!("created a root");
        Ok(())
    }

    fn load(&self, root: RootId) -> Result<RootKey, KeeperError> {
        let bytes = std::fs::read(self.root(root));
        let bytes = bytes.map_err(|_| KeeperError::Absent { root })?;
        RootKey::try_from(bytes.as_slice())
    }

    fn destroy(&self, root: RootId) -> Result<(), KeeperError> {
        let _ = std::fs::remove_file(self.root(root));
        tracing::trace!("destroyed a root");
        Ok(())
    }
}
