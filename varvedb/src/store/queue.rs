//! The bounded queue in front of the writer thread.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::Semaphore;

use super::writer::Job;

/// The callers' end. A full queue makes callers wait, so that memory stays bounded.
///
/// The channel is std's, since the writer thread waits with a time limit; the semaphore bounds it
/// in a way that async callers can wait for.
#[derive(Debug)]
pub(crate) struct Queue {
    jobs: Sender<Job>,
    places: Arc<Semaphore>,
}

impl Queue {
    /// A queue of so many places: the callers' end, and the writer's.
    pub(crate) fn new(places: usize) -> (Self, Receiver<Job>, Arc<Semaphore>) {
        let (sender, receiver) = channel();
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        (
            Self {
                jobs: sender,
                places: Arc::clone(&places),
            },
            receiver,
            places,
        )
    }

    /// Waits for a place and puts the job there. Fails when the writer thread is gone.
    pub(crate) async fn send(&self, job: Job) -> Result<(), ()> {
        let place = self.places.acquire().await.map_err(drop)?;
        self.jobs.send(job).map_err(drop)?;
        // The writer gives the place back when it takes the job out.
        place.forget();
        Ok(())
    }
}
