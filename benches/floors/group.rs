//! The floor of many durable writers: one thread that takes all that wait, writes it once, syncs
//! once, and answers. No log, no index, no checks.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::raw::RawFile;

/// How long a group waits for as many as the last one had. Callers that were just answered come back
/// within microseconds; who misses the group waits for two syncs instead of one.
const PATIENCE: Duration = Duration::from_micros(40);

type Write = (Vec<u8>, oneshot::Sender<()>);

/// Callers' end of the thread.
#[derive(Clone)]
pub struct RawGroup(Sender<Write>);

impl RawGroup {
    pub fn new(dir: &Path) -> Self {
        let mut file = RawFile::new(dir);
        let (sender, receiver) = channel::<Write>();
        std::thread::spawn(move || {
            let mut group = Group::default();
            let mut company = 0;
            while group.gather(&receiver, company) {
                file.write(&group.bytes);
                company = group.answer();
            }
        });
        Self(sender)
    }

    pub async fn write(&self, payload: Vec<u8>) {
        let (answer, answered) = oneshot::channel();
        self.0.send((payload, answer)).unwrap();
        answered.await.unwrap();
    }
}

/// What is written at once.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Group {
    /// Takes all that wait, and waits a moment until they are as many as last time. False when
    /// there are no callers any more.
    fn gather(&mut self, receiver: &Receiver<Write>, company: usize) -> bool {
        let Ok(first) = receiver.recv() else {
            return false;
        };
        self.take(first);
        let begun = Instant::now();
        loop {
            while let Ok(write) = receiver.try_recv() {
                self.take(write);
            }
            if self.waiting.len() >= company || begun.elapsed() >= PATIENCE {
                return true;
            }
        }
    }

    fn take(&mut self, (payload, answer): Write) {
        self.bytes.extend_from_slice(&payload);
        self.waiting.push(answer);
    }

    /// Answers all and gives how many they were.
    fn answer(&mut self) -> usize {
        let company = self.waiting.len();
        self.bytes.clear();
        self.waiting.drain(..).for_each(|answer| {
            let _ = answer.send(());
        });
        company
    }
}
