//! The floor of many durable writers: one thread that takes all that wait, writes it once, syncs
//! once, and answers. No log, no index, no checks.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

use crate::raw::RawFile;

type Write = (Vec<u8>, oneshot::Sender<()>);

/// Callers' end of the thread.
#[derive(Clone)]
pub struct RawGroup(Sender<Write>);

impl RawGroup {
    pub fn new(dir: &Path) -> Self {
        let mut file = RawFile::new(dir);
        let (sender, receiver) = channel::<Write>();
        std::thread::spawn(move || {
            let (mut bytes, mut waiting) = (Vec::new(), Vec::new());
            while let Ok(first) = receiver.recv() {
                for (payload, answer) in std::iter::once(first).chain(receiver.try_iter()) {
                    bytes.extend_from_slice(&payload);
                    waiting.push(answer);
                }
                file.write(&bytes);
                bytes.clear();
                waiting.drain(..).for_each(|answer| {
                    let _ = answer.send(());
                });
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
