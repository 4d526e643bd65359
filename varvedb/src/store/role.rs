//! What an open store may do: write, or follow a process that writes.

use std::mem;
use std::thread::JoinHandle;

use super::follower::FollowerThread;
use super::queue::Queue;

/// The role of this process, and the thread that plays it.
#[derive(Debug)]
pub(crate) enum Role {
    /// The one writing process.
    Writer(WriterThread),
    /// One of any number of reading processes.
    Reader(FollowerThread),
}

impl Role {
    pub(crate) fn is_reader(&self) -> bool {
        matches!(self, Self::Reader(_))
    }

    /// Takes in what another process has written.
    pub(crate) fn refresh(&self) {
        if let Self::Reader(follower) = self {
            follower.refresh();
        }
    }

    /// Leaves the thread alone: it is that of another process, from which this one was forked.
    /// Waiting for its end would never end.
    pub(crate) fn abandon(&mut self) {
        match self {
            Self::Writer(writer) => writer.abandon(),
            Self::Reader(follower) => follower.abandon(),
        }
    }

    /// The way to the writer thread, if there is one here.
    pub(crate) fn queue(&self) -> Option<&Queue> {
        match self {
            Self::Writer(writer) => writer.queue.as_ref(),
            Self::Reader(_) => None,
        }
    }
}

/// The handles' end of the writer thread; dropping it lets the thread finish what waits.
#[derive(Debug)]
pub(crate) struct WriterThread {
    /// `None` only while it is dropped.
    queue: Option<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl WriterThread {
    pub(crate) fn new(queue: Queue, thread: JoinHandle<()>) -> Self {
        Self {
            queue: Some(queue),
            thread: Some(thread),
        }
    }

    fn abandon(&mut self) {
        mem::forget((self.queue.take(), self.thread.take()));
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        drop(self.queue.take());
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the writer thread panicked; what it answered is on the disk");
        }
    }
}
